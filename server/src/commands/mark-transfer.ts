/** A person says what was done about money that counts for nothing, or about an invoice that is not as it should be. */
import { z } from 'zod';
import { type Invoice, isEnded, type Seen } from '../domain/invoice.ts';
import { isPaid } from '../domain/match.ts';
import { afterRelease, covers, isPart, sumOf } from '../domain/parts.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { lockInvoices } from '../store/invoices.ts';
import { partsOf } from '../store/part-payments.ts';
import { type CountingPayment, closePayments, countingPayment } from '../store/payments.ts';
import { resolutions } from '../store/policy-schema.ts';
import { saveInvoices } from '../store/save-invoices.ts';
import { lockStanding } from '../store/stray-transfers.ts';
import { type Resolved, resolveException, resolveTransfer } from '../store/tasks.ts';
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
  const marked = await transact(db, tx =>
    markLocked(tx, { transferId, mark: mark.value, once: false }, clock.now()),
  );
  return marked.ok ? ok({ id: transferId }) : fault('transfer', textOf(marked.fault));
}

export type MarkFault =
  /** It is not judged, is to be dealt with once and was, or something became of it at the same moment. */
  | { kind: 'not_open' }
  /** It is a part of this invoice, of which the rest may still come. */
  | { kind: 'part_counts'; invoiceId: number }
  /** It pays this invoice as soon as it can no longer be undone. */
  | { kind: 'payment_waits'; invoiceId: number };

function textOf(wrong: MarkFault): string {
  switch (wrong.kind) {
    case 'not_open':
      return 'there is no transfer with this id that is judged';
    case 'part_counts':
      return `it counts for invoice ${wrong.invoiceId}, of which the rest may still come`;
    case 'payment_waits':
      return `it pays invoice ${wrong.invoiceId}, which waits until it is final`;
  }
}

/**
 * The same in an open transaction. `once`: only what still waits for a word, and what settled an invoice does not. Invoices are
 * locked before transfers, as the stages do.
 */
export async function markLocked(
  tx: Tx,
  { transferId, mark, once }: { transferId: number; mark: Resolved; once: boolean },
  now: number,
): Promise<Result<{ partOf: number | null }, MarkFault>> {
  const paid = (await countingPayment(tx, transferId))?.invoice_id ?? null;
  const invoice = paid === null ? null : (await lockInvoices(tx, [paid])).get(paid);
  const standing = await lockStanding(tx, transferId);
  const payment = await countingPayment(tx, transferId);
  if (payment && payment.invoice_id !== paid) return fail({ kind: 'not_open' });
  const isOpen = standing?.resolution === null && payment?.state !== 'settled';
  if (once && !isOpen) return fail({ kind: 'not_open' });
  if (payment?.state === 'pending') {
    if (!isPart(payment.kind)) return fail({ kind: 'payment_waits', invoiceId: payment.invoice_id });
    const given = await giveUpPart(tx, { transferId, payment, before: invoice }, now);
    if (!given) return fail({ kind: 'part_counts', invoiceId: payment.invoice_id });
  }
  if (!(await resolveTransfer(tx, transferId, mark, now))) return fail({ kind: 'not_open' });
  if (payment?.state === 'settled') await resolveException(tx, payment.invoice_id, now);
  return ok({ partOf: payment?.state === 'pending' ? payment.invoice_id : null });
}

type GivenUp = { transferId: number; payment: CountingPayment; before: Invoice | null | undefined };

/**
 * A part of an invoice that has ended without the rest does not count any more once somebody has dealt with it. False while
 * the rest may still come: then it is the invoice's.
 */
async function giveUpPart(tx: Tx, { transferId, payment, before }: GivenUp, now: number): Promise<boolean> {
  const parts = (await partsOf(tx, [payment.invoice_id])).get(payment.invoice_id) ?? [];
  if (!before?.method || !isLeft(before, parts)) return false;
  const left = parts
    .filter(part => part.transfer_id !== transferId)
    .map(({ units }) => ({ units, seen: NOT_SHOWN }));
  const after = afterRelease({ ...before, method: before.method }, left, now);
  await closePayments(tx, [{ id: payment.id, state: 'released' }], now);
  await judgeTransfers(tx, [
    { id: transferId, state: 'unmatched', reason: 'no_reservation', invoiceId: null },
  ]);
  await saveInvoices(tx, [{ before, after, emits: null }], {
    now,
    webhookId: () => {
      throw new Error('giving a part back owes no event');
    },
  });
  return true;
}

/** An ended invoice that is not paid shows no transaction. */
const NOT_SHOWN: Seen = { transactionId: '', payerWallet: null, paidAt: 0 };

/** Whether such parts of an invoice pay nothing any more, and may be given back. */
export function isLeft(invoice: Invoice, parts: readonly { units: bigint }[]): boolean {
  if (isPaid(invoice)) return true;
  return invoice.method !== null && isEnded(invoice.status) && !covers(sumOf(parts), invoice.method);
}

/** Marks what is unusual about an invoice as dealt with. */
export async function dismissException(
  { db, clock }: Deps,
  invoiceId: number,
): Promise<Checked<{ id: number }>> {
  const isDone = await transact(db, tx => resolveException(tx, invoiceId, clock.now()));
  if (!isDone) return fault('invoice', 'there is no invoice with this id that has anything unusual about it');
  return ok({ id: invoiceId });
}
