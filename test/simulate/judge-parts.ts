/**
 * Which invoices their parts must have paid, and which they may have: worked out from the chains, from what was asked of the
 * payers, and from what people said. The rule is the sum alone, and so is this.
 */
import { type Asked, identityOf, type RestAsked, rowIdentity, type Settled } from './facts.ts';
import type { Case, Judged } from './judge-invoice.ts';
import {
  acceptedBy,
  type Canonical,
  HOLD,
  isAlone,
  isAt,
  isOfTwo,
  isTakenOver,
  lastTime,
  nameOf,
} from './judge-policy.ts';
import type { World } from './world.ts';

const GRACE = 120_000;
/** Percent of the amount from which a transfer counts as a part of it on its own. */
const LEAST = 10n;

export const isPartKind = (kind: string): boolean => kind === 'part' || kind === 'late_part';

const sumOf = (found: readonly Canonical[]) => found.reduce((sum, { transfer }) => sum + transfer.units, 0n);

/** In what an invoice asks, or asked: its amount there, and what it asked for the rest. */
type Place = { own: Asked; rests: readonly RestAsked[] };

const placesOf = ({ asked, rests }: Judged): Place[] =>
  asked.map(own => ({
    own,
    rests: rests.filter(rest => rest.network === own.network && rest.asset === own.asset),
  }));

export type PartJudgement = { faults: string[]; mayPay: boolean };

/** For an invoice that nobody has confirmed by hand and no transfer pays on its own. */
export function judgeParts(world: World, question: Case): PartJudgement {
  const { invoice } = question;
  const name = `invoice ${invoice.id}`;
  const places = placesOf(invoice).map(place => ({
    due: BigInt(place.own.units),
    certain: question.facts.canonical.filter(found => mustBePart(world, question, place, found)),
    possible: question.facts.canonical.filter(found => mayBePart(world, question, place, found)),
  }));
  const mayPay = places.some(({ due, possible }) => sumOf(possible) >= due);
  // Of a chain that began anew nobody can tell what had counted on it, and so what a rest was asked for.
  if (world.epochs > 0) return { faults: [], mayPay };
  // Parts count in one place: where some may be in two, which one is current depends on what was seen first.
  const [place, ...others] = places.filter(({ possible }) => possible.length > 0);
  const isEnded = invoice.status === 'expired' || invoice.status === 'cancelled';
  if (!place && isEnded && invoice.exception === 'underpaid')
    return { faults: [`${name} is marked underpaid and has no part`], mayPay };
  if (!place || others.length > 0) return { faults: [], mayPay };
  const isPaid = sumOf(place.certain) >= place.due;
  if (isPaid && invoice.status !== 'completed')
    return { faults: [`${name} was paid in parts and is ${invoice.status}`], mayPay };
  if (isEnded && place.certain.length > 0 && invoice.exception !== 'underpaid')
    return { faults: [`${name} has a part and is marked ${invoice.exception}`], mayPay };
  return { faults: [], mayPay };
}

/** What was asked for the rest and this is as much as; where it was `seen` before that, it is no payment of it. */
function restOf({ rests }: Place, found: Canonical, seen = Number.POSITIVE_INFINITY): RestAsked | undefined {
  return rests.find(
    rest => isAt(rest, found) && BigInt(rest.units) === found.transfer.units && rest.since <= seen,
  );
}

/** Somebody tried to give it to another invoice, has confirmed one by it, or has dealt with it otherwise. */
function isGiven(world: World, { invoice, settled, dealt }: Case, { network, transfer }: Canonical): boolean {
  const identity = identityOf(network, transfer);
  if (dealt.has(identity)) return true;
  const given = [...(world.attached.get(identity) ?? [])].some(id => id !== invoice.id);
  return given || settled.some(row => row.invoice_id !== invoice.id && rowIdentity(row) === identity);
}

function mustBePart(world: World, question: Case, place: Place, found: Canonical): boolean {
  const { invoice, all, counted } = question;
  const { transfer, sentAt } = found;
  const { time } = transfer.block;
  const until = lastTime(invoice);
  if (!isAt(place.own, found) || transfer.from === transfer.to || isGiven(world, question, found))
    return false;
  const accepts = acceptedBy(world, invoice);
  const seen = counted.get(nameOf(invoice, found));
  const rest = restOf(place, found, seen);
  if (rest) {
    if (sentAt < rest.since || time < rest.since) return false;
    const mayBeLate =
      accepts.late === 'accept' && invoice.source_currency === null && invoice.cancelled_at === null;
    if (time <= until) return true;
    const heldUntil = (invoice.ended_at ?? Number.POSITIVE_INFINITY) + HOLD;
    return mayBeLate && time <= heldUntil && !isTakenOver({ invoice, found, all }, rest);
  }
  const due = BigInt(place.own.units);
  const isSome = transfer.units < due && transfer.units * 100n >= due * LEAST;
  const isInTime = sentAt >= place.own.since && time >= place.own.since && time <= until;
  if (!isInTime) return false;
  // What was a part once stays one, whatever is asked by whom since.
  if (seen !== undefined) return true;
  return (
    accepts.remainder &&
    isSome &&
    !isOfTwo(world, found) &&
    isAlone({ invoice, found }, nearestOf(place, found), all)
  );
}

/** The amount of the invoice that is nearest to a transfer, of those that it asked for when that was sent. */
function nearestOf({ own, rests }: Place, { transfer, sentAt }: Canonical): Asked {
  const far = (one: Asked) => {
    const apart = transfer.units - BigInt(one.units);
    return apart < 0n ? -apart : apart;
  };
  return rests
    .filter(({ since }) => since <= sentAt)
    .reduce<Asked>((best, rest) => (far(rest) < far(best) ? rest : best), own);
}

function mayBePart(world: World, question: Case, place: Place, found: Canonical): boolean {
  const { invoice, all } = question;
  const { network, transfer, sentAt } = found;
  const { time } = transfer.block;
  if (!isAt(place.own, found) || transfer.from === transfer.to) return false;
  const due = BigInt(place.own.units);
  const { late, remainder } = acceptedBy(world, invoice);
  const rest = restOf(place, found);
  const mayBeLate = late === 'accept' && invoice.cancelled_at === null;
  if (rest && time >= rest.since - GRACE && (mayBeLate || time <= lastTime(invoice))) return true;
  const isInTime = time >= place.own.since - GRACE && time <= lastTime(invoice);
  if (transfer.units >= due || !isInTime) return false;
  if (world.attached.get(identityOf(network, transfer))?.has(invoice.id)) return true;
  const isSome = transfer.units * 100n >= due * LEAST;
  const held = all.filter(other => other.since <= sentAt && other.until >= time);
  const amounts: Asked[] = [place.own, ...place.rests];
  return (
    remainder &&
    isSome &&
    !isOfTwo(world, found) &&
    amounts.some(one => isAlone({ invoice, found }, one, held))
  );
}

/** Whether an invoice that parts have paid got what it asked for, and says what is unusual about that. */
export function judgePartMark(invoice: Judged, parts: readonly Settled[]): string[] {
  const name = `invoice ${invoice.id}`;
  const sum = parts.reduce((all, { units }) => all + BigInt(units), 0n);
  const places = new Set(parts.map(({ network, asset, to_key }) => [network, asset, to_key].join(' ')));
  if (places.size > 1 || parts.some(({ kind }) => !isPartKind(kind)))
    return [`${name} was settled by parts of different kinds or places`];
  const asked = invoice.asked.find(
    ({ network, asset }) => network === parts[0]?.network && asset === parts[0]?.asset,
  );
  if (!asked || sum < BigInt(asked.units)) return [`${name} was settled by parts that do not cover it`];
  const rests = invoice.rests.filter(
    ({ network, asset }) => network === asked.network && asset === asked.asset,
  );
  const totals = rests.map(({ received, units }) => BigInt(received) + BigInt(units));
  const isOver = [BigInt(asked.units), ...totals].every(total => sum > total);
  const isLate = parts.some(({ kind }) => kind === 'late_part');
  const right = isOver
    ? ['overpaid', 'duplicate']
    : isLate
      ? ['paid_late', 'duplicate']
      : [null, 'duplicate'];
  return [...right, 'reversed'].includes(invoice.exception)
    ? []
    : [`${name} was paid in parts of ${sum} and is marked ${invoice.exception}`];
}
