/** A person says what was done about money that counts for nothing, or about an invoice that is not as it should be. */
import { z } from 'zod';
import { isEnded, type Seen } from '../domain/invoice.ts';
import { isPaid } from '../domain/match.ts';
import { afterRelease, covers, sumOf } from '../domain/parts.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { lockInvoices } from '../store/invoices.ts';
import { partOf, partsOf } from '../store/part-payments.ts';
import { closePayments } from '../store/payments.ts';
import { resolutions } from '../store/policy-schema.ts';
import { saveInvoices } from '../store/save-invoices.ts';
import { type Resolved, resolveException, resolveTransfer, settledBy } from '../store/tasks.ts';
import { judgeTransfers } from '../store/transfers.ts';
import { type Checked, check, fault } from './faults.ts';

type Deps = { db: Db; clock: Clock };

const textUpTo = (most: number) =>
  z.string().trim().min(1, 'must not be empty').max(most, `must have at most ${most} characters`).nullable();

const marking = z.object({
  resolution: z.enum(resolutions),
  refundId: textUpTo(200),
  memo: textUpTo(500),
  by: z.string().min(1).max(100),
});

/**
 * Marks a transfer as refunded or dismissed: its task is done, and it will count for nothing on its own any more. Where it
 * has settled an invoice, what is unusual about that is done with as well. Said again, the last word stands.
 */
export async function markTransfer(
  { db, clock }: Deps,
  transferId: number,
  input: Resolved,
): Promise<Checked<{ id: number }>> {
  const mark = check(marking, input);
  if (!mark.ok) return mark;
  if (mark.value.resolution === 'dismissed' && mark.value.refundId !== null)
    return fault('refundId', 'is only for what was refunded');
  const now = clock.now();
  return transact(db, async tx => {
    const invoiceId = await settledBy(tx, transferId);
    // Invoices are locked before transfers, as the stages do.
    if (invoiceId !== null) await lockInvoices(tx, [invoiceId]);
    const part = await giveUpPart(tx, transferId, now);
    if (!part.ok) return part;
    const isMarked = await resolveTransfer(tx, transferId, mark.value, now);
    if (!isMarked) return fault('transfer', 'there is no transfer with this id that is judged');
    if (invoiceId !== null) await resolveException(tx, invoiceId, now);
    return ok({ id: transferId });
  });
}

/**
 * A part of an invoice that has ended without the rest does not count any more once somebody has dealt with it. While the
 * rest may still come it is the invoice's.
 */
async function giveUpPart(tx: Tx, transferId: number, now: number): Promise<Checked<null>> {
  const invoiceId = await partOf(tx, transferId);
  if (invoiceId === null) return ok(null);
  const before = (await lockInvoices(tx, [invoiceId])).get(invoiceId);
  const parts = (await partsOf(tx, [invoiceId])).get(invoiceId) ?? [];
  const gone = parts.find(part => part.transfer_id === transferId);
  if (!before?.method || !gone) return ok(null);
  const isPaying = !isEnded(before.status) || covers(sumOf(parts), before.method);
  if (isPaying && !isPaid(before))
    return fault('transfer', `it counts for invoice ${invoiceId}, of which the rest may still come`);
  const left = parts.filter(part => part !== gone).map(({ units }) => ({ units, seen: NOT_SHOWN }));
  const after = afterRelease({ ...before, method: before.method }, left, now);
  await closePayments(tx, [{ id: gone.id, state: 'released' }], now);
  await judgeTransfers(tx, [
    { id: transferId, state: 'unmatched', reason: 'no_reservation', invoiceId: null },
  ]);
  await saveInvoices(tx, [{ before, after, emits: null }], {
    now,
    webhookId: () => {
      throw new Error('giving a part back owes no event');
    },
  });
  return ok(null);
}

/** An ended invoice that is not paid shows no transaction. */
const NOT_SHOWN: Seen = { transactionId: '', payerWallet: null, paidAt: 0 };

/** Marks what is unusual about an invoice as dealt with. */
export async function dismissException(
  { db, clock }: Deps,
  invoiceId: number,
): Promise<Checked<{ id: number }>> {
  const isDone = await transact(db, tx => resolveException(tx, invoiceId, clock.now()));
  if (!isDone) return fault('invoice', 'there is no invoice with this id that has anything unusual about it');
  return ok({ id: invoiceId });
}
