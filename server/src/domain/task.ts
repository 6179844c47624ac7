/** What a person is to do about money that counts for nothing, or about an invoice that is not as it should be. */
import type { Exception } from './exception.ts';
import type { UnmatchedReason } from './match.ts';

export type TaskKind = UnmatchedReason | Exception | 'rest_missing';

const todo: Record<TaskKind, string> = {
  rest_missing:
    'Parts have come and the rest has not: confirm the invoice by one of their transactions, or give them back.',
  no_reservation: 'Find out whose it is: confirm an invoice by its transaction, or give it back.',
  before_invoice:
    'A late payment of an earlier invoice: confirm that one by its transaction, or give it back.',
  after_deadline: 'Deliver and confirm the invoice by its transaction, or give it back.',
  late_rejected: 'Your shop accepts no late payment: give it back when the payer asks.',
  second_transfer: 'The invoice was paid without it: give it back.',
  duplicate: 'The invoice was paid more than once: give back what was sent again.',
  reversed: 'The payment has left the chain: ask the payer, or stop the delivery.',
  unverified_manual: 'Look the transaction up: it was not seen on the chain when the invoice was confirmed.',
  underpaid: 'Less than asked was accepted: nothing to do, unless you want the rest.',
  overpaid: 'More than asked was sent: give back the rest, if you want.',
  paid_late: 'A late payment was accepted: check that you can still deliver.',
  paid_after_cancel: 'Paid after it was cancelled: deliver, or give it back.',
  expired_blind:
    'Its network was out of use when it expired: look at the wallet in an explorer, and confirm the invoice if it was paid.',
};

/** One sentence for a kind of task. */
export const todoOf = (kind: TaskKind): string => todo[kind];

type Standing = { state: string; reason: string | null; resolution: string | null; height: number | null };

/** Whether a transfer that settled nothing waits for a person, who is to say what becomes of it. */
export const waits = ({ state, reason, resolution, height }: Standing): boolean =>
  state === 'unmatched' && resolution === null && height !== null && reason !== 'late_rejected';
