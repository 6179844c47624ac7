/**
 * The invoice machine. The table below is complete: every status has an answer to every input, and docs/states.md
 * shows the same table (a test compares them). This is the only place where a status changes.
 */
import type { AssetCode, NetworkCode } from './asset.ts';
import type { Exception } from './exception.ts';
import { ceilTo, type Decimal, halfUpTo, multiply, PRICE_SCALE } from './money.ts';

export const statuses = [
  'awaiting_method',
  'new',
  'confirming',
  'completed',
  'expired',
  'paid_manually',
  'cancelled',
] as const;
export type Status = (typeof statuses)[number];

export const inputs = [
  /** The payer chose coin and network, or changed them, and an amount is held for that. */
  'method_chosen',
  /** A transfer that counts for the invoice, by its exact amount in time or by what its shop accepts, is on the chain. */
  'transfer_seen',
  /** The transfer that counted has left the chain, or moved out of the time in which it counts. */
  'transfer_gone',
  /** The transfer that counts can no longer be undone. */
  'transfer_final',
  /** The clock and the chain, as far as it has been read, are past the deadline. */
  'deadline_passed',
  'cancelled',
  'confirmed_manually',
] as const;
export type Input = (typeof inputs)[number];

/** What the shop is told of; domain/event.ts says with which fields. */
export const eventTypes = ['paid', 'expired', 'paid_manually', 'cancelled'] as const;
export type EventType = (typeof eventTypes)[number];

/** What a shop is told of beside that, if it has asked for it: of each once for an invoice, whatever else it is told. */
export const optInTypes = ['detected', 'underpaid', 'overpaid', 'late', 'duplicate', 'reversed'] as const;
export type OptInType = (typeof optInTypes)[number];

/** `stay`: nothing changes. `refuse`: the input has no business here; whoever sent it is told. */
export type Outcome = { to: Status; emits: EventType | null } | 'stay' | 'refuse';

const to = (status: Status, emits: EventType | null = null): Outcome => ({ to: status, emits });

export const transitions: Record<Status, Record<Input, Outcome>> = {
  awaiting_method: {
    method_chosen: to('new'),
    transfer_seen: 'refuse',
    transfer_gone: 'refuse',
    transfer_final: 'refuse',
    deadline_passed: to('expired', 'expired'),
    cancelled: to('cancelled', 'cancelled'),
    confirmed_manually: to('paid_manually', 'paid_manually'),
  },
  new: {
    method_chosen: to('new'),
    transfer_seen: to('confirming'),
    transfer_gone: 'refuse',
    transfer_final: 'refuse',
    deadline_passed: to('expired', 'expired'),
    cancelled: to('cancelled', 'cancelled'),
    confirmed_manually: to('paid_manually', 'paid_manually'),
  },
  confirming: {
    method_chosen: 'refuse',
    transfer_seen: 'refuse',
    transfer_gone: to('new'),
    transfer_final: to('completed', 'paid'),
    deadline_passed: 'stay',
    cancelled: 'refuse',
    confirmed_manually: to('paid_manually', 'paid_manually'),
  },
  completed: {
    method_chosen: 'refuse',
    transfer_seen: 'refuse',
    transfer_gone: 'stay',
    transfer_final: 'refuse',
    deadline_passed: 'refuse',
    cancelled: 'refuse',
    confirmed_manually: 'refuse',
  },
  // The two ends that a transfer made in time, but found late, may still turn into `completed`.
  expired: {
    method_chosen: 'refuse',
    transfer_seen: 'stay',
    transfer_gone: 'stay',
    transfer_final: to('completed', 'paid'),
    deadline_passed: 'stay',
    cancelled: 'refuse',
    confirmed_manually: to('paid_manually', 'paid_manually'),
  },
  cancelled: {
    method_chosen: 'refuse',
    transfer_seen: 'stay',
    transfer_gone: 'stay',
    transfer_final: to('completed', 'paid'),
    deadline_passed: 'stay',
    cancelled: 'stay',
    confirmed_manually: to('paid_manually', 'paid_manually'),
  },
  paid_manually: {
    method_chosen: 'refuse',
    transfer_seen: 'refuse',
    transfer_gone: 'stay',
    transfer_final: 'refuse',
    deadline_passed: 'refuse',
    cancelled: 'refuse',
    confirmed_manually: 'stay',
  },
};

/** What the API calls a status: the steps before the end all read `new`. */
export function publicStatus(
  status: Status,
): 'new' | 'completed' | 'expired' | 'paid_manually' | 'cancelled' {
  return status === 'awaiting_method' || status === 'confirming' ? 'new' : status;
}

/** Where nothing more is expected of the payer; the amount is then held for a while longer. */
export function isEnded(status: Status): boolean {
  return status !== 'awaiting_method' && status !== 'new' && status !== 'confirming';
}

/** How the payer was asked to pay. `final` is the exact amount due, tail included, in the token's base units. */
export type Method = {
  network: NetworkCode;
  asset: AssetCode;
  walletId: number;
  address: string;
  addressKey: string;
  final: Decimal;
  /** What a dollar was of the coin, frozen with the amount; null for a coin that counts as a dollar. */
  rate: CoinRate | null;
  /** From when on the amount is held for the invoice, in ms: a transfer of it counts from then on, whenever it is current. */
  since: number;
};

/** `perUsd` units of a coin were worth one dollar; `origin`: sources and times, as JSON. */
export type CoinRate = { perUsd: Decimal; origin: string };

/** To how many new amounts a payer may change; going back to one that is held is no new one. */
export const MOST_CHANGES = 5;

/** Whether the payer says how to pay, and may change it: on a page, unless the shop has fixed it. */
export function isPayersChoice({ page, compat }: Pick<Invoice, 'page' | 'compat'>): boolean {
  return page !== null && !compat;
}

/** Whether two ways to pay are one: an invoice asks in a coin on a network once. */
export function isSameMethod(
  a: Pick<Method, 'network' | 'asset'> | null,
  b: Pick<Method, 'network' | 'asset'> | null,
): boolean {
  return a?.network === b?.network && a?.asset === b?.asset;
}

/**
 * The invoice as it was asked in the method that `paid` went to: its own one, or one of those the payer has `replaced`,
 * which then is its own. The amount is not looked at; whoever matches transfers has found it by its reservation.
 */
export function askedIn(
  invoice: Invoice,
  replaced: readonly Method[],
  paid: Pick<Method, 'network' | 'asset' | 'addressKey'>,
): Invoice {
  const method = replaced.find(other => isSameMethod(other, paid) && other.addressKey === paid.addressKey);
  return method ? { ...invoice, method } : invoice;
}

/** Digits of the amount that is shown while no coin was chosen yet. */
const UNCHOSEN_DIGITS = 4;

/** The exact amount due; until the payer has chosen how to pay, what was asked, rounded up and without a tail. */
export function finalAmount({ method, requested }: Pick<Invoice, 'method' | 'requested'>): Decimal {
  return method ? method.final : ceilTo(requested, UNCHOSEN_DIGITS);
}

/** What is asked for in the coin it is to be paid in, 8 decimals; in dollars until the payer has chosen one. */
export function requestedAmount({
  method,
  requested,
}: Pick<Invoice, 'requested'> & { method: Pick<Method, 'rate'> | null }): Decimal {
  return inCoin(requested, method?.rate ?? null);
}

/** A price in dollars in a coin, 8 decimals half up. */
export const inCoin = (price: Decimal, rate: Pick<CoinRate, 'perUsd'> | null): Decimal =>
  rate ? halfUpTo(multiply(price, rate.perUsd), PRICE_SCALE) : price;

/** What was seen on the chain for the invoice: present from `confirming` on. `paidAt` is the moment of detection. */
export type Seen = { transactionId: string; payerWallet: string | null; paidAt: number };

/** What the shop asked for in a currency of its own, and the rate that was frozen for it: `rate` units make one dollar. */
export type Source = {
  currency: string;
  amount: Decimal;
  rate: Decimal;
  /** Sources and times of the rate, as JSON. */
  rateOrigin: string;
};

/** The payment page of a widget. `id` is its unguessable name. */
export type Page = {
  id: string;
  description: string | null;
  backUrl: string | null;
  cancelUrl: string | null;
  lang: string | null;
};

/** An invoice as the commands and stages pass it around. Times in milliseconds. */
export type Invoice = {
  id: number;
  merchantId: number;
  clientReferenceId: string;
  metadata: string | null;
  /** Frozen at creation: the "USDT TRC-20 receive only" mode. */
  compat: boolean;
  /** In US dollars, 8 decimals, whatever it is paid in; see requestedAmount. */
  requested: Decimal;
  /** Frozen at creation: the operator's share of what is requested, taken from the user's balance when it is paid. */
  commissionPercent: Decimal;
  /** The user whose balance it tops up when it is paid; null for a shop's own. */
  topUpUserId: number | null;
  source: Source | null;
  page: Page | null;
  method: Method | null;
  status: Status;
  seen: Seen | null;
  exception: Exception | null;
  createdAt: number;
  expireAt: number;
  /** When it reached a status in which nothing more is expected of the payer. */
  endedAt: number | null;
  /** Grows with every change; a writer that read an older one is refused. */
  version: number;
};

/** What an input made of an invoice, and the event it owes the shop. */
export type Changed = { after: Invoice; emits: EventType | null };

/**
 * Puts an input to an invoice, at `now` (ms). `seen` is what the chain shows, where the input brings it. Answers 'stay'
 * or 'refuse' as the table says; the invoice itself is not touched.
 */
export function apply(
  invoice: Invoice,
  input: Input,
  { now, seen = null }: { now: number; seen?: Seen | null },
): Changed | 'stay' | 'refuse' {
  const outcome = transitions[invoice.status][input];
  if (outcome === 'stay' || outcome === 'refuse') return outcome;
  const isOpen = !isEnded(outcome.to);
  return {
    emits: outcome.emits,
    after: {
      ...invoice,
      status: outcome.to,
      seen:
        outcome.to === 'confirming' || outcome.to === 'completed' || outcome.to === 'paid_manually'
          ? seen
          : null,
      endedAt: isOpen ? null : now,
    },
  };
}
