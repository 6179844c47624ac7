/**
 * Paying in parts. A shop may let a transfer of less than the amount count as a part of it. For what is left an amount of
 * its own is then held, and once parts cover the invoice's amount, and all are final, they settle it together. A transfer of
 * an amount that was asked for a rest is a part like any other: what ends is decided by the sum alone, never by the order
 * in which a chain was seen.
 */
import { type Exception, graver, type PaymentKind } from './exception.ts';
import { apply, type Invoice, type Method, type Seen } from './invoice.ts';
import { isPaid } from './match.ts';
import { type Inclusion, settle } from './settle.ts';

/** The kinds of payments that count together with others. */
export const partKinds = ['part', 'late_part'] as const satisfies readonly PaymentKind[];

export const isPart = (kind: PaymentKind): boolean => partKinds.some(known => known === kind);

/** A transfer counts as a part on its own only from this many percent of the amount on: dust binds no invoice to a coin. */
const LEAST_PERCENT = 10n;

/** For how many rests an invoice ever asks; sums that came together before ask for what they asked then. */
export const MOST_RESTS = 10;

/** To how many parts a person may add another one. Counted on their own no more than ten fit in an amount. */
export const MOST_PARTS = 10;

/** What was asked for the rest when `received` had come: base units of the coin of its place, since when in ms. */
export type Rest = Pick<Method, 'network' | 'asset' | 'addressKey'> & {
  received: bigint;
  units: bigint;
  since: number;
};

export function isLeastPart(units: bigint, { final }: Method): boolean {
  return units < final.units && units * 100n >= final.units * LEAST_PERCENT;
}

export const sumOf = (parts: readonly { units: bigint }[]): bigint =>
  parts.reduce((sum, { units }) => sum + units, 0n);

/** Where and how much an invoice asks. */
export type Asking = Pick<Method, 'network' | 'asset' | 'addressKey' | 'final'>;

/** Whether this much pays an invoice that asks so. */
export const covers = (received: bigint, { final }: Asking): boolean => received >= final.units;

type Place = Pick<Method, 'network' | 'asset' | 'addressKey'>;

const isAt = (rest: Rest, { network, asset, addressKey }: Place): boolean =>
  rest.network === network && rest.asset === asset && rest.addressKey === addressKey;

/**
 * The rest that this amount, sent to this place, was asked for; null where none was. Asked by where the money went: the invoice's
 * own address may have been changed in the database, and half of an amount is not the whole of it for that.
 */
export function heldAs(sent: Place & { units: bigint }, rests: readonly Rest[]): Rest | null {
  return rests.find(rest => isAt(rest, sent) && rest.units === sent.units) ?? null;
}

/**
 * What an invoice that has received this much asks for now. Where no amount was free for just that sum it is the least
 * one that is held and is enough; null: none, and a person has to look.
 */
export function restDue(received: bigint, method: Asking, rests: readonly Rest[]): Rest | null {
  const enough = rests.filter(rest => isAt(rest, method) && covers(received + rest.units, method));
  const own = enough.find(rest => rest.received === received);
  return own ?? enough.toSorted((a, b) => (a.units < b.units ? -1 : 1))[0] ?? null;
}

/** What is unusual about an invoice that parts have paid: they are more than was ever asked together, or one came late. */
export function markOfParts(
  parts: readonly { units: bigint; kind: PaymentKind }[],
  method: Method,
  rests: readonly Rest[],
): Exception | null {
  const totals = rests.filter(rest => isAt(rest, method)).map(rest => rest.received + rest.units);
  const sum = sumOf(parts);
  const isOver = [method.final.units, ...totals].every(total => sum > total);
  const isLate = parts.some(({ kind }) => kind === 'late_part');
  return graver(isOver ? 'overpaid' : null, isLate ? 'paid_late' : null);
}

/** A part whose transfer is, or was, on the chain. `since`: from when on its amount could be meant for the invoice, in ms. */
export type Part = {
  units: bigint;
  kind: PaymentKind;
  since: number;
  inclusion: Inclusion;
  /** The height up to which its network is final. */
  final: number;
  /** Not so large that a second provider has yet to agree. */
  isAgreed: boolean;
};

export type Weighed<P> =
  | { kind: 'wait' }
  /** These do not count any more: they left the chain, came back out of their time, or the invoice was paid otherwise. */
  | { kind: 'release'; gone: P[]; left: P[] }
  /** All together pay the invoice. */
  | { kind: 'settle' };

/** What becomes of the parts of an invoice, which is given as it is asked now. */
export function weigh<P extends Part>(invoice: Invoice, parts: readonly P[]): Weighed<P> {
  const { method } = invoice;
  if (!method || parts.length === 0) return { kind: 'wait' };
  if (isPaid(invoice)) return { kind: 'release', gone: [...parts], left: [] };
  const decisions = parts.map(({ since, inclusion, final, kind, isAgreed }) => {
    const decision = settle({ ...invoice, method: { ...method, since } }, inclusion, final, kind);
    return decision === 'settle' && !isAgreed ? 'wait' : decision;
  });
  const gone = parts.filter((_, index) => decisions[index] === 'release');
  if (gone.length > 0) return { kind: 'release', gone, left: parts.filter(part => !gone.includes(part)) };
  const isWhole = covers(sumOf(parts), method) && decisions.every(decision => decision === 'settle');
  return isWhole ? { kind: 'settle' } : { kind: 'wait' };
}

/**
 * The invoice, as it is asked where the part went, once that counts. The one that `completes` the amount is seen as a payment
 * is; until then the invoice waits, and says why. Throws where the invoice takes no payment.
 */
export function afterPart(
  invoice: Invoice,
  { completes, seen }: { completes: boolean; seen: Seen },
  now: number,
): Invoice {
  if (!completes) return { ...invoice, exception: graver('underpaid', invoice.exception) };
  const changed = apply(invoice, 'transfer_seen', { now, seen });
  if (changed === 'refuse') throw new Error(`a part completes invoice ${invoice.id}, which refuses it`);
  const after = changed === 'stay' ? invoice : changed.after;
  return { ...after, exception: after.exception === 'underpaid' ? null : after.exception };
}

/**
 * The invoice once parts do not count any more, with those that are left, in the order of the chain: it waits again where
 * they do not cover it. Whatever came second is to be judged anew.
 */
export function afterRelease(
  invoice: Invoice & { method: Method },
  left: readonly { units: bigint; seen: Seen }[],
  now: number,
): Invoice {
  if (isPaid(invoice)) return invoice;
  const received = sumOf(left);
  const mark = invoice.exception === 'duplicate' ? null : invoice.exception;
  const exception = markWaiting(mark, received, invoice.method);
  if (invoice.status !== 'confirming') return { ...invoice, exception };
  const last = left.at(-1);
  if (last && covers(received, invoice.method)) return { ...invoice, exception, seen: last.seen };
  const changed = apply(invoice, 'transfer_gone', { now });
  if (typeof changed !== 'object') throw new Error(`invoice ${invoice.id} does not let its parts go`);
  return { ...changed.after, exception };
}

function markWaiting(before: Exception | null, received: bigint, method: Method): Exception | null {
  const other = before === 'underpaid' ? null : before;
  return received > 0n && !covers(received, method) ? graver('underpaid', other) : other;
}
