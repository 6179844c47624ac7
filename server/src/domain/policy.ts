/**
 * What a shop accepts beside its exact amount in time. Judged at the moment of matching and recorded with the payment,
 * so that a later change of the settings rewrites nothing. By default nothing is accepted.
 */
import type { Exception, PaymentKind } from './exception.ts';
import { type Invoice, requestedAmount } from './invoice.ts';
import { heldSince, isPaid, timingOf, type Verdict } from './match.ts';
import { add, compare, type Decimal, multiply } from './money.ts';
import { isLeastPart, isPart as isPartKind } from './parts.ts';

export const latePolicies = ['review', 'accept', 'reject'] as const;

/** Percents of a merchant's settings have at most this many decimals. */
export const POLICY_SCALE = 4;

/** Percents of what was requested, but for `lateDrift`: how far the rate may have moved. */
export type Policy = {
  late: (typeof latePolicies)[number];
  lateDrift: Decimal;
  underpaid: Decimal;
  overpaid: Decimal;
  /** Whether less than the amount counts as a part of it, and the rest is asked for. */
  remainder: boolean;
};

const AFTER: Verdict = { kind: 'unmatched', reason: 'after_deadline', belongs: true };

/** What the invoice's currency and its coin are now; null where that is not known: then a person decides. */
export type RatesNow = { source: Decimal | null; coin: Decimal | null };

/** What becomes of a transfer of the very amount after the deadline. After a cancellation a person always decides. */
export function judgeLate(invoice: Invoice, policy: Policy, now: RatesNow): Verdict {
  if (invoice.status === 'cancelled') return AFTER;
  switch (policy.late) {
    case 'review':
      return AFTER;
    case 'reject':
      return { kind: 'unmatched', reason: 'late_rejected', belongs: true };
    case 'accept':
      return isWithinDrift(invoice, policy.lateDrift, now) ? { kind: 'counts', as: 'late' } : AFTER;
  }
}

/** Dollars do not drift against themselves, nor do the coins that count as such. */
function isWithinDrift({ source, method }: Invoice, percent: Decimal, now: RatesNow): boolean {
  return (
    isNear(source?.rate ?? null, now.source, percent) &&
    isNear(method?.rate?.perUsd ?? null, now.coin, percent)
  );
}

function isNear(frozen: Decimal | null, rate: Decimal | null, percent: Decimal): boolean {
  if (!frozen) return true;
  if (!rate) return false;
  const [low, high] = compare(rate, frozen) < 0 ? [rate, frozen] : [frozen, rate];
  return compare(high, add(low, multiply(frozen, fraction(percent)))) <= 0;
}

const fraction = ({ units, scale }: Decimal): Decimal => ({ units, scale: scale + 2 });

/** An amount that is held, in base units. */
export type HeldNear = { units: bigint; invoiceId: number };

/**
 * Which of the held amounts around one that nobody holds it may have been meant for: one that is nearer than half of the
 * way from there to the next amount that another invoice holds on either side, so that no neighbour is as likely. `near` are
 * the nearest on each side, enough of them that other invoices are among them if there are any.
 */
export function nearestHeld(units: bigint, near: readonly HeldNear[]): HeldNear | null {
  const found = near.find(one =>
    near.every(
      other =>
        other.invoiceId === one.invoiceId || 2n * apart(units, one.units) < apart(one.units, other.units),
    ),
  );
  return found ?? null;
}

const apart = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);

/** `was`: as what it counted for this invoice before, and was off the chain or came second meanwhile. */
type Near = {
  invoice: Invoice;
  policy: Policy;
  hasPayment: boolean;
  /** Parts of the invoice have come in another coin, or to another wallet. */
  isElsewhere?: boolean;
  was?: PaymentKind | null;
};

/**
 * Whether a transfer of an amount that nobody holds counts for the invoice whose amount is near (as it was asked there).
 * Times in ms, `units` in the coin's base units.
 */
export function judgeNear(
  transfer: { from: string; to: string; units: bigint; time: number; detectedAt: number },
  { invoice, policy, hasPayment, isElsewhere = false, was = null }: Near,
): Verdict {
  const nobodys: Verdict = { kind: 'unmatched', reason: 'no_reservation', belongs: false };
  const { method } = invoice;
  if (transfer.from === transfer.to) return { kind: 'ignored', reason: 'self_transfer' };
  if (!method || timingOf(invoice, transfer.time) !== 'in_time') return nobodys;
  if (transfer.detectedAt < heldSince(invoice)) return nobodys;
  const isUnder = transfer.units < method.final.units;
  const difference = { units: apart(transfer.units, method.final.units), scale: method.final.scale };
  const tolerated = multiply(
    requestedAmount(invoice),
    fraction(isUnder ? policy.underpaid : policy.overpaid),
  );
  // What it once was it stays, whatever the shop has come to accept and whoever is near by now.
  const isTolerated = was === null ? compare(difference, tolerated) <= 0 : !isPartKind(was);
  const isPart = was !== null || (policy.remainder && isLeastPart(transfer.units, method));
  if (!isTolerated && (!isPart || isElsewhere)) return nobodys;
  if (hasPayment || isPaid(invoice)) return { kind: 'unmatched', reason: 'second_transfer', belongs: true };
  if (!isTolerated) return { kind: 'counts', as: 'part' };
  return { kind: 'counts', as: isUnder ? 'under' : 'over' };
}

/** The mark that a transfer leaves on the invoice it belongs to and does not count for. */
export function markOf(verdict: Verdict, { status }: Invoice): Exception | null {
  if (verdict.kind !== 'unmatched' || !verdict.belongs) return null;
  switch (verdict.reason) {
    case 'second_transfer':
      return 'duplicate';
    case 'after_deadline':
      return status === 'cancelled' ? 'paid_after_cancel' : 'paid_late';
    default:
      return null;
  }
}
