/** Saying that what waited for a person about an invoice has been dealt with; the audit log keeps who said so. */
import { isEnded } from '../domain/invoice.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import { type Acting, appendAudit } from '../store/audit-log.ts';
import { type Db, transact } from '../store/db.ts';
import { invoiceTarget } from '../store/invoice-story.ts';
import { lockInvoices } from '../store/invoices.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { invoiceTask, resolveException } from '../store/tasks.ts';

export type CloseTaskFault =
  /** No such invoice of the account. */
  | 'invoice_unknown'
  /** Nothing waits, or not any more; or the invoice is open, and what waits may still go by itself. */
  | 'no_task';

type CloseTask = { userId: number; invoiceId: number; acting: Acting; note: string | null };

/** Once: whoever comes second finds nothing that waits. */
export async function closeInvoiceTask(
  { db, clock, vault }: { db: Db; clock: Clock; vault: Vault },
  { userId, invoiceId, acting, note }: CloseTask,
): Promise<Result<{ id: number }, CloseTaskFault>> {
  const now = clock.now();
  return transact(db, async (tx): Promise<Result<{ id: number }, CloseTaskFault>> => {
    const invoice = (await lockInvoices(tx, [invoiceId])).get(invoiceId);
    if (!invoice || (await userOfMerchant(tx, invoice.merchantId)) !== userId) return fail('invoice_unknown');
    const task = isEnded(invoice.status) ? await invoiceTask(tx, invoiceId) : null;
    if (task === null) return fail('no_task');
    await resolveException(tx, invoiceId, now);
    const after = { task, note };
    await appendAudit(
      tx,
      vault,
      { acting, userId, action: 'invoice.task_done', target: invoiceTarget(invoiceId), after },
      now,
    );
    return ok({ id: invoiceId });
  });
}
