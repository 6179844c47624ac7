/**
 * invoices → expired + outbox. Ends what is past its deadline, once the chain has been read past it too; one whose network is
 * out of use ends unseen, and is marked so.
 */

import { graver } from '../domain/exception.ts';
import { apply } from '../domain/invoice.ts';
import type { Clock } from '../lib/clock.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import { type Db, transact } from '../store/db.ts';
import { lockOverdue } from '../store/invoices.ts';
import { type InvoiceChange, saveInvoices } from '../store/save-invoices.ts';

export type ExpireDeps = { db: Db; clock: Clock; webhookId: WebhookIds };

const INVOICES_PER_TICK = 500;

/** Ends one batch of overdue invoices in one transaction. Answers how many. */
export async function expire({ db, clock, webhookId }: ExpireDeps): Promise<number> {
  const now = clock.now();
  return transact(db, async tx => {
    const overdue = await lockOverdue(tx, now, INVOICES_PER_TICK);
    const changes = overdue.flatMap(({ invoice: before, isBlind }): InvoiceChange[] => {
      const changed = apply(before, 'deadline_passed', { now });
      if (typeof changed !== 'object') return [];
      const exception = graver(before.exception, isBlind ? 'expired_blind' : null);
      return [{ before, ...changed, after: { ...changed.after, exception } }];
    });
    await saveInvoices(tx, changes, { now, webhookId });
    return changes.length;
  });
}
