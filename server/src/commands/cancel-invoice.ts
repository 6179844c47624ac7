/** Cancelling an invoice: only while it is open and no payment for it has been seen. */

import type { CancelFault } from '../domain/errors.ts';
import { apply, type Invoice } from '../domain/invoice.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { hasMoney, lockInvoices } from '../store/invoices.ts';
import { saveInvoices } from '../store/save-invoices.ts';

export type CancelInvoice = {
  merchantId: number;
  invoiceId: number;
  /** Saved in the same transaction, last, where this very call cancels the invoice. */
  alsoSave?: (tx: Tx, cancelled: Invoice) => Promise<void>;
};

/** `merchantId`: another merchant's invoice is as if it were not there. A cancelled one is answered again. */
export async function cancelInvoice(
  { db, clock, webhookId }: { db: Db; clock: Clock; webhookId: WebhookIds },
  { merchantId, invoiceId, alsoSave }: CancelInvoice,
): Promise<Result<Invoice, CancelFault>> {
  const now = clock.now();
  return transact(db, async (tx): Promise<Result<Invoice, CancelFault>> => {
    const before = (await lockInvoices(tx, [invoiceId])).get(invoiceId);
    if (before?.merchantId !== merchantId) return fail('invoice_unknown');
    if (before.status === 'confirming' || (await hasMoney(tx, before))) return fail('payment_seen');
    const changed = apply(before, 'cancelled', { now });
    if (changed === 'stay') return ok(before);
    if (changed === 'refuse') return fail('invoice_ended');
    await saveInvoices(tx, [{ before, ...changed }], { now, webhookId });
    await alsoSave?.(tx, changed.after);
    return ok(changed.after);
  });
}
