/** What is unusual about an invoice, beside its status: never a status of its own. An invoice shows one mark, the gravest. */

/** Gravest first. */
export const exceptions = [
  /** The transfer that settled it has left the chain for good. */
  'reversed',
  /** Confirmed by hand, without the transaction having been seen on the chain. */
  'unverified_manual',
  /** Paid by less than its amount, which its shop accepts, or a person has confirmed; or, not paid yet, a part of it has come. */
  'underpaid',
  /** Another transfer for it is on the chain beside the one that counts. */
  'duplicate',
  /** Paid by more than its amount. */
  'overpaid',
  /** Its amount came after the deadline: accepted, where it is paid; else it waits for a person. */
  'paid_late',
  /** Its amount came after it was cancelled; a person has to look. */
  'paid_after_cancel',
  /** It expired while a network it could be paid on was out of use: a payment may have come unseen. */
  'expired_blind',
] as const;
export type Exception = (typeof exceptions)[number];

/** The graver one of two marks. */
export function graver(a: Exception | null, b: Exception | null): Exception | null {
  return exceptions.find(one => one === a || one === b) ?? null;
}

/** In what way a transfer counts for an invoice. */
const paymentKinds = [
  /** The very amount, in time. */
  'exact',
  /** The very amount, after the deadline. */
  'late',
  /** A little less than the amount, in time. */
  'under',
  /** A little more than the amount, in time. */
  'over',
  /** A person has named it. */
  'manual',
  /** Less than the amount, in time: it counts together with others (parts.ts). */
  'part',
  /** What was asked for the rest, after the deadline. */
  'late_part',
] as const;
export type PaymentKind = (typeof paymentKinds)[number];

/** The mark that an invoice gets when a payment of this kind settles it. */
export function exceptionOf(kind: PaymentKind): Exception | null {
  switch (kind) {
    case 'late':
    case 'late_part':
      return 'paid_late';
    case 'under':
      return 'underpaid';
    case 'over':
      return 'overpaid';
    case 'exact':
    case 'part':
    case 'manual':
      return null;
  }
}
