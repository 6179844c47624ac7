/**
 * Whose transfer is it? Decided from the amount's reservation alone: a transfer of an amount that an invoice holds
 * belongs to that invoice and to no other. Whatever does not settle an invoice gets a named reason and waits for a
 * person; nothing is guessed. What a shop accepts beside that says policy.ts.
 */
import type { PaymentKind } from './exception.ts';
import type { Invoice } from './invoice.ts';

/** Block time and our clock may disagree by this much; a payment this long after the deadline still counts. */
export const GRACE = 120_000;

export const unmatchedReasons = [
  /** Nobody holds this amount: under- or overpaid, a stranger's, or a part that was given back. */
  'no_reservation',
  /** Older than the hold of the invoice that has the amount now, or seen before it: a late payment of an earlier holder. */
  'before_invoice',
  /** The holder's amount, but after its deadline or its cancellation: a person decides. */
  'after_deadline',
  /** The holder's amount, but after its deadline, and its shop accepts no late payment. */
  'late_rejected',
  /** The holder's amount, or one its shop would accept for it, but another transfer counts for it already. */
  'second_transfer',
] as const;
export type UnmatchedReason = (typeof unmatchedReasons)[number];

export type Verdict =
  /** `completes`: a part that covers the invoice's amount with those before it. */
  | { kind: 'counts'; as: PaymentKind; completes?: true }
  | { kind: 'unmatched'; reason: UnmatchedReason; belongs: boolean }
  | { kind: 'ignored'; reason: 'self_transfer' };

/**
 * The invoice that holds an amount, as it was asked in that amount (`askedIn`), until when (null: for as long as it is open),
 * and whether a payment counts for it. `rest`: the amount is what was asked for the rest of it; then since when is its own.
 */
export type Holder = {
  invoice: Invoice;
  heldUntil: number | null;
  hasPayment: boolean;
  rest?: { since: number } | null;
};

/** Times in milliseconds: `time` is that of the block the transfer is in, `detectedAt` when it was first seen. */
export function match(
  transfer: { from: string; to: string; time: number; detectedAt: number },
  holder: Holder | null,
): Verdict {
  if (transfer.from === transfer.to) return { kind: 'ignored', reason: 'self_transfer' };
  if (!holder || (holder.heldUntil !== null && transfer.time > holder.heldUntil)) {
    return { kind: 'unmatched', reason: 'no_reservation', belongs: false };
  }
  const { method } = holder.invoice;
  const since = holder.rest?.since;
  const held =
    method && since !== undefined ? { ...holder.invoice, method: { ...method, since } } : holder.invoice;
  const timing = timingOf(held, transfer.time);
  // Seen and created by the same clock: whatever was seen before can be nobody's payment for it, wherever it is now.
  if (timing === 'before' || transfer.detectedAt < heldSince(held)) {
    return { kind: 'unmatched', reason: 'before_invoice', belongs: false };
  }
  if (holder.hasPayment || isPaid(holder.invoice)) {
    return { kind: 'unmatched', reason: 'second_transfer', belongs: true };
  }
  if (timing === 'after') return { kind: 'unmatched', reason: 'after_deadline', belongs: true };
  return { kind: 'counts', as: holder.rest ? 'part' : 'exact' };
}

/** Whether nothing more is due. */
export function isPaid({ status }: Invoice): boolean {
  return status === 'completed' || status === 'paid_manually';
}

/** Where a block time lies, seen from the time in which an invoice may be paid in its method. */
export function timingOf(invoice: Invoice, time: number): 'before' | 'in_time' | 'after' {
  if (time < heldSince(invoice) - GRACE) return 'before';
  return time > payableUntil(invoice) ? 'after' : 'in_time';
}

/** The amount of a widget is its own from the payer's choice on; each amount it was asked in, from its own choice. */
export const heldSince = ({ method, createdAt }: Invoice): number => method?.since ?? createdAt;

/** The last block time at which a transfer is in time: the deadline with its grace, or the moment of cancellation. */
export function payableUntil(invoice: Invoice): number {
  const deadline = invoice.expireAt + GRACE;
  const cancelled = invoice.status === 'cancelled' ? invoice.endedAt : null;
  return cancelled === null ? deadline : Math.min(deadline, cancelled);
}
