/** What to do with a payment that waits for its transfer to become final. Pure; flow/settle.ts carries it out. */
import type { PaymentKind } from './exception.ts';
import type { Invoice } from './invoice.ts';
import { payableUntil, timingOf } from './match.ts';

/** Where the transfer stands: its block's height and time (ms), or null while it is on no block. */
export type Inclusion = { height: number; time: number } | null;

export type SettleDecision =
  | 'wait'
  /** Final and in its time: the invoice is paid. */
  | 'settle'
  /**
   * No longer on the chain, or back in a block outside the invoice's time: it does not count, the invoice waits again.
   * The same chain thus gives the same end, in whatever order it was seen.
   */
  | 'release';

/**
 * The invoice is the one as it is asked now: a transfer that counts has made its amount the current one. `final` is the
 * height up to which blocks can no longer be undone, `kind` as what the transfer was found to count.
 */
export function settle(
  invoice: Invoice,
  inclusion: Inclusion,
  final: number,
  kind: PaymentKind = 'exact',
): SettleDecision {
  if (!inclusion || !isInTime(invoice, inclusion.time, kind)) return 'release';
  return inclusion.height <= final ? 'settle' : 'wait';
}

/**
 * Whether a payment of this kind counts in a block of this time (ms). One accepted although it came late does so in any block
 * that is not before the invoice; what a person has named, in any.
 */
export function isInTime(invoice: Invoice, time: number, kind: PaymentKind): boolean {
  if (kind === 'manual') return true;
  const timing = timingOf(invoice, time);
  return kind === 'late' || kind === 'late_part' ? timing !== 'before' : timing === 'in_time';
}

/**
 * Whether an open invoice may end as expired. Times in ms; `scanned` is the time of the highest block read, null where
 * none was, on each network on which the invoice holds an amount.
 */
export function mayExpire(invoice: Invoice, now: number, scanned: readonly (number | null)[]): boolean {
  const deadline = payableUntil(invoice);
  if (now <= deadline) return false;
  if (invoice.method === null) return true;
  return scanned.length > 0 && scanned.every(time => time !== null && time > deadline);
}
