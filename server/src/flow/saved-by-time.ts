/**
 * A payment that waits to be final can have come to a block of which it was read with a lie about its time: by that it would be
 * released, after nobody reads it a third time.
 */
import { isInTime } from '../domain/settle.ts';
import type { Db } from '../store/db.ts';
import { invoiceById } from '../store/invoices.ts';
import { partsOf } from '../store/part-payments.ts';
import { findWaiting, type Mistimed } from '../store/recheck.ts';

/** Ids of the transfers whose payment does not count by the time they are stored with, and counts by the other. */
export async function savedByTime(db: Db, mistimed: readonly Mistimed[]): Promise<number[]> {
  const waiting = await findWaiting(
    db,
    mistimed.filter(({ state }) => state === 'matched').map(({ id }) => id),
  );
  const parts = await partsOf(
    db,
    waiting.map(payment => payment.invoice_id),
  );
  const saved: number[] = [];
  for (const { transfer_id: id, invoice_id: invoiceId, kind } of waiting) {
    const invoice = await invoiceById(db, invoiceId);
    if (!invoice?.method) continue;
    const part = parts.get(invoiceId)?.find(({ transfer_id }) => transfer_id === id);
    const asked = part ? { ...invoice, method: { ...invoice.method, since: part.since } } : invoice;
    const counts = (time: number) => isInTime(asked, time, kind);
    if (mistimed.some(one => one.id === id && !counts(one.stored) && counts(one.transfer.block.time)))
      saved.push(id);
  }
  return saved;
}
