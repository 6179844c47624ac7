/**
 * The operator's books in US dollars: which entries a change of an invoice owes. Every entry moves one amount between a
 * user's balance and an account of the operator's, so that its two sides always sum to zero. Pure; store/ledger.ts
 * writes them down in the transaction that saves the invoice.
 */
import { commissionOf, usdOf } from './commission.ts';
import type { EventType, Invoice } from './invoice.ts';
import type { Usd } from './usd.ts';

export type EntryKind =
  | 'commission'
  /** The transfer that settled the invoice has left the chain for good. */
  | 'commission_reversal'
  /** It came back after all. */
  | 'commission_restored'
  | 'top_up'
  | 'top_up_reversal'
  | 'top_up_restored'
  /** By the operator's hand. */
  | 'adjustment';

/** The other side of an entry. */
export type OperatorAccount = 'operator_revenue' | 'top_up_clearing' | 'adjustments';

export type Entry = {
  kind: EntryKind;
  /** Whose balance moves: a user, or the user of a merchant. */
  owner: { userId: number } | { merchantId: number };
  against: OperatorAccount;
  /** What the balance grows by, never zero; the other account shrinks by as much. */
  amount: Usd;
  invoiceId: number | null;
  memo: string | null;
};

type Change = { before: Invoice; after: Invoice; emits: EventType | null };
type Turn = 'first' | 'back' | 'again';

/**
 * The entries that a change of an invoice owes: when it is paid, its commission and its top-up; when its settled transfer
 * is lost, the same backwards; when that comes back, the same again.
 */
export function entriesOf({ before, after, emits }: Change): Entry[] {
  if (after.commissionPercent.units === 0n && after.topUpUserId === null) return [];
  const turn = turnOf(before, after, emits);
  return turn ? [...commission(after, turn), ...topUp(after, turn)] : [];
}

function turnOf(before: Invoice, after: Invoice, emits: EventType | null): Turn | null {
  if (emits === 'paid' || emits === 'paid_manually') return 'first';
  const [was, is] = [before.exception === 'reversed', after.exception === 'reversed'];
  if (was === is) return null;
  return is ? 'back' : 'again';
}

function commission(invoice: Invoice, turn: Turn): Entry[] {
  const { id, merchantId, requested, commissionPercent } = invoice;
  const amount = usdOf(commissionOf(requested, commissionPercent));
  if (amount === 0n) return [];
  const kinds = { first: 'commission', back: 'commission_reversal', again: 'commission_restored' } as const;
  return [
    {
      kind: kinds[turn],
      owner: { merchantId },
      against: 'operator_revenue',
      amount: turn === 'back' ? amount : -amount,
      invoiceId: id,
      memo: null,
    },
  ];
}

function topUp({ id, topUpUserId, requested }: Invoice, turn: Turn): Entry[] {
  if (topUpUserId === null) return [];
  const amount = usdOf(requested);
  const kinds = { first: 'top_up', back: 'top_up_reversal', again: 'top_up_restored' } as const;
  return [
    {
      kind: kinds[turn],
      owner: { userId: topUpUserId },
      against: 'top_up_clearing',
      amount: turn === 'back' ? -amount : amount,
      invoiceId: id,
      memo: null,
    },
  ];
}
