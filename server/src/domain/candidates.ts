/**
 * Which invoices a transfer that settled nothing may have been meant for, and why. A person decides by it; nothing is ever
 * settled by it. Each piece of evidence has a weight, and their sum is the order: the amount says most, then whether it came
 * in time and where it was asked, then who paid.
 */
import { type AssetCode, isNative, type NetworkCode } from './asset.ts';
import { finalAmount, type Invoice, type Method, requestedAmount } from './invoice.ts';
import { GRACE } from './match.ts';
import { add, ceilTo, compare, type Decimal, floorTo, multiply } from './money.ts';
import { LARGEST_FEE, withdrawalFees } from './withdrawal-fees.ts';

/** What speaks for, or against, an invoice; one of the first group each, and whatever else is so. */
const weights = {
  /** The amount due itself. */
  exact: 60,
  /** What the shop asked for, without the few units that tell invoices apart. */
  without_tail: 45,
  /** Less by exactly what an exchange is known to take on that network. */
  exchange_fee: 40,
  /** At most `NEAR` per cent less or more; the further off, the less it says, down to nothing. */
  near_under: 30,
  near_over: 30,
  /** In the time in which the invoice could be paid. */
  in_time: 20,
  /** After its deadline. */
  late: 10,
  /** After it was cancelled. */
  after_cancellation: 5,
  /** This wallet has paid an earlier invoice with the same metadata. */
  same_payer: 20,
  /** Asked on another network, in another coin, or to another wallet of the merchant. */
  other_network: -5,
  other_coin: -10,
  other_wallet: -5,
  /** Something else counts for it: this one is rather to be given back. */
  already_paid: -50,
} as const;
export type Evidence = keyof typeof weights;

/** How far off an amount may be, in per cent of what is due. */
const NEAR = 5;
/** An invoice that ended so long before the transfer is not asked after (ms). */
export const LOOK_BACK = 7 * 24 * 3_600_000;
const MOST = 10;

/** `amount` in whole coins; `time` that of its block, in ms. */
export type StrayTransfer = {
  network: NetworkCode;
  asset: AssetCode;
  to: string;
  amount: Decimal;
  time: number;
};

/** An invoice with every way in which it was ever asked, and whether this payer has paid one with its metadata before. */
export type Considered = { invoice: Invoice; replaced: readonly Method[]; samePayer: boolean };

/** `due` is what was asked, in whole coins of `asset`; network and asset are null where nothing was chosen yet. */
export type Candidate = {
  invoice: Invoice;
  score: number;
  evidence: Evidence[];
  due: Decimal;
  network: NetworkCode | null;
  asset: AssetCode | null;
};

/** The best first, at most 10; those whose amount says nothing are left out. */
export function rank(transfer: StrayTransfer, considered: readonly Considered[]): Candidate[] {
  return considered
    .flatMap(one => waysOf(one).flatMap(method => judged(transfer, one, method) ?? []))
    .sort((a, b) => b.score - a.score || offBy(transfer, a, b) || b.invoice.id - a.invoice.id)
    .filter(({ invoice }, at, all) => all.findIndex(other => other.invoice.id === invoice.id) === at)
    .slice(0, MOST);
}

/** Every way it was asked in; null before the payer chose one. */
const waysOf = ({ invoice, replaced }: Considered): (Method | null)[] => [invoice.method, ...replaced];

function judged(transfer: StrayTransfer, one: Considered, method: Method | null): Candidate | null {
  const { invoice } = one;
  const since = method?.since ?? invoice.createdAt;
  if (transfer.time < since - GRACE || transfer.time > invoice.expireAt + LOOK_BACK) return null;
  const due = finalAmount({ method, requested: invoice.requested });
  const amount = amountEvidence(transfer, {
    due,
    asked: askedFor(requestedAmount({ ...invoice, method }), due),
  });
  if (!amount) return null;
  const evidence: Evidence[] = [
    amount.evidence,
    timing(transfer, invoice),
    ...placing(transfer, method),
    ...(one.samePayer ? (['same_payer'] as const) : []),
    ...(isTaken(invoice) ? (['already_paid'] as const) : []),
  ];
  const [, ...rest] = evidence;
  const score = rest.reduce((sum, name) => sum + weights[name], amount.weight);
  return { invoice, score, evidence, due, network: method?.network ?? null, asset: method?.asset ?? null };
}

/** The few amounts a payer may have taken for the whole: what was asked, as a price shows it. */
function askedFor(requested: Decimal, due: Decimal): Decimal[] {
  return [ceilTo(requested, 2), requested, ceilTo(requested, due.scale)];
}

type Told = { evidence: Evidence; weight: number };

function amountEvidence(
  { amount, network, asset }: StrayTransfer,
  { due, asked }: { due: Decimal; asked: readonly Decimal[] },
): Told | null {
  const plain = (evidence: Evidence): Told => ({ evidence, weight: weights[evidence] });
  if (compare(amount, due) === 0) return plain('exact');
  if (asked.some(price => compare(amount, price) === 0)) return plain('without_tail');
  const fees = isNative(asset) ? [] : (withdrawalFees[network] ?? []);
  if (fees.some(fee => compare(add(amount, fee), due) === 0)) return plain('exchange_fee');
  const share = thousandths(gap(amount, due), due);
  if (share > NEAR * 10) return null;
  const evidence = compare(amount, due) < 0 ? 'near_under' : 'near_over';
  return { evidence, weight: Math.round((weights[evidence] * (NEAR * 10 - share)) / (NEAR * 10)) };
}

/** part of whole in ‰, rounded up: an amount just over the border is over it. */
function thousandths(part: Decimal, whole: Decimal): number {
  const scale = Math.max(part.scale, whole.scale);
  const [a, b] = [floorTo(part, scale).units, floorTo(whole, scale).units];
  if (b === 0n) return Number.POSITIVE_INFINITY;
  const rounded = (a * 1000n + b - 1n) / b;
  return rounded > 1_000_000n ? Number.POSITIVE_INFINITY : Number(rounded);
}

function timing({ time }: StrayTransfer, { status, endedAt, expireAt }: Invoice): Evidence {
  if (status === 'cancelled' && endedAt !== null && time > endedAt) return 'after_cancellation';
  return time > expireAt + GRACE ? 'late' : 'in_time';
}

/** Of an invoice that was asked nowhere yet, every wallet is the right one. */
function placing({ network, asset, to }: StrayTransfer, method: Method | null): Evidence[] {
  if (!method) return [];
  if (method.network !== network)
    return method.asset === asset ? ['other_network'] : ['other_network', 'other_coin'];
  if (method.asset !== asset) return ['other_coin'];
  return method.addressKey === to ? [] : ['other_wallet'];
}

/** Whether something counts for it already, or is about to. */
export const isTaken = ({ status }: Invoice): boolean =>
  status === 'confirming' || status === 'completed' || status === 'paid_manually';

function offBy({ amount }: StrayTransfer, a: Candidate, b: Candidate): number {
  return compare(gap(amount, a.due), gap(amount, b.due));
}

/** How far two amounts are from each other. */
function gap(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  const difference = floorTo(a, scale).units - floorTo(b, scale).units;
  return { units: difference < 0n ? -difference : difference, scale };
}

/** Whoever was asked for less or more than this, in whole coins, was not meant; wider than what counts as near. */
export function nearRange(amount: Decimal): { from: Decimal; to: Decimal } {
  return {
    from: multiply(amount, { units: 90n, scale: 2 }),
    to: add(multiply(amount, { units: 110n, scale: 2 }), { units: BigInt(LARGEST_FEE), scale: 0 }),
  };
}
