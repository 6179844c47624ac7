/**
 * What each shop accepts beside its exact amount in time, worked out anew from the chains and from what every invoice
 * asked for: which transfers must settle an invoice, and which may.
 */
import { type AssetCode, coinOn, type NetworkCode } from '../../server/src/domain/asset.ts';
import { type Asked, type ChainFacts, identityOf, type Settled } from './facts.ts';
import type { Judged } from './judge-invoice.ts';
import type { World } from './world.ts';

const GRACE = 120_000;
/** Every wallet of a history holds its amounts this long after their invoice has ended. */
export const HOLD = 2 * 3_600_000;

export type Accepts = {
  late: 'review' | 'accept' | 'reject';
  under: bigint;
  over: bigint;
  remainder: boolean;
};
export type Canonical = ChainFacts['canonical'][number];

/** An amount anybody ever asked for, with until when it was theirs for sure, in ms. */
export type AskedByAll = Asked & { invoiceId: number; until: number };

/** Every amount of a history. */
export const askedByAll = (invoices: readonly Judged[]): AskedByAll[] =>
  invoices.flatMap(({ id, asked, rests, given_up_at }) =>
    [...asked, ...rests].map(one => ({
      ...one,
      invoiceId: id,
      until: given_up_at === null ? Infinity : given_up_at + HOLD,
    })),
  );

export const isAt = (one: Asked, { network, transfer }: Canonical): boolean =>
  one.network === network && one.asset === transfer.asset && one.addressKey === transfer.to;

const apart = (a: bigint, b: bigint) => (a > b ? a - b : b - a);

/** The most that a transfer may differ, in base units of a coin, which is a dollar: `share` is in millionths of what was asked. */
const most = (invoice: Judged, share: bigint, decimals: number) =>
  (BigInt(invoice.requested_amount.replace('.', '')) * share * 10n ** BigInt(decimals)) / 10n ** 14n;

/**
 * What counted for an invoice once though nobody held its amount, by the invoice's id and the identity of the transfer: when it was
 * first seen, in ms.
 */
export type Counted = ReadonlyMap<string, number>;

export type Question = { invoice: Judged; found: Canonical; all: readonly AskedByAll[]; counted: Counted };

export const nameOf = ({ id }: Judged, { network, transfer }: Canonical): string =>
  `${id} ${identityOf(network, transfer)}`;

/** Whether nobody can say what was meant by an amount that was not asked for: two accounts have the address. */
export const isOfTwo = (world: World, { network, transfer }: Canonical): boolean =>
  (world.owners.get(`${network} ${transfer.to}`)?.size ?? 0) > 1;

/** Whether a transfer differs from the invoice's amount by no more than its shop accepts; 0 does not differ. */
function isNear(world: World, { invoice, found }: Question): Asked | null {
  const asked = invoice.asked.find(one => isAt(one, found));
  const accepts = acceptedBy(world, invoice);
  if (!asked || found.transfer.from === found.transfer.to || isOfTwo(world, found)) return null;
  const difference = found.transfer.units - BigInt(asked.units);
  const coin = coinOn(world.networks.get(asked.network as NetworkCode), asked.asset as AssetCode);
  const tolerated = most(invoice, difference < 0n ? accepts.under : accepts.over, coin?.decimals ?? 0);
  return difference !== 0n && apart(difference, 0n) <= tolerated ? asked : null;
}

export function acceptedBy(world: World, { merchant_id }: Judged): Accepts {
  const merchant = world.merchants.find(({ id }) => id === merchant_id);
  if (!merchant) throw new Error(`no merchant ${merchant_id}`);
  return merchant.accepts;
}

export const lastTime = ({ expire_at, cancelled_at }: Judged) =>
  Math.min(expire_at + GRACE, cancelled_at ?? Number.POSITIVE_INFINITY);

/** Whether no other of these amounts is as near to the transfer as half of the way from the invoice's own to it. */
export function isAlone(
  { invoice, found }: Pick<Question, 'invoice' | 'found'>,
  own: Asked,
  others: readonly AskedByAll[],
): boolean {
  const difference = apart(found.transfer.units, BigInt(own.units));
  return others
    .filter(other => other.invoiceId !== invoice.id && isAt(other, found))
    .every(other => 2n * difference < apart(BigInt(own.units), BigInt(other.units)));
}

/** Whether its very amount was asked for by another invoice later: a transfer that is seen only then is nobody's for sure. */
export const isTakenOver = ({ invoice, found, all }: Omit<Question, 'counted'>, { since }: Asked): boolean =>
  all.some(
    other =>
      other.invoiceId !== invoice.id &&
      other.since > since &&
      isAt(other, found) &&
      BigInt(other.units) === found.transfer.units,
  );

/**
 * Whether a transfer must settle the invoice: nobody ever asked for anything that is nearer than twice as far, or it counted once,
 * whatever was asked by whom since.
 */
export function mustCount(world: World, question: Question): boolean {
  const { invoice, found, all, counted } = question;
  const { block } = found.transfer;
  const until = lastTime(invoice);
  const near = isNear(world, question);
  if (near)
    return (
      found.sentAt >= near.since &&
      block.time >= near.since &&
      block.time <= until &&
      (counted.has(nameOf(invoice, found)) || isAlone(question, near, all))
    );
  const own = invoice.asked.find(one => isAt(one, found) && BigInt(one.units) === found.transfer.units);
  if (!own || found.transfer.from === found.transfer.to || found.sentAt < own.since) return false;
  const isDollars = invoice.source_currency === null;
  const mayBeLate = acceptedBy(world, invoice).late === 'accept' && invoice.cancelled_at === null;
  const heldUntil = (invoice.ended_at ?? Number.POSITIVE_INFINITY) + HOLD;
  const isLate = block.time > until && block.time <= heldUntil;
  return isDollars && mayBeLate && isLate && !isTakenOver(question, own);
}

/** Whether a transfer may settle the invoice: what was asked by others at that time leaves no doubt whose it is. */
export function mayCount(world: World, question: Question): boolean {
  const { invoice, found, all } = question;
  const { block } = found.transfer;
  const near = isNear(world, question);
  if (near) {
    const held = all.filter(other => other.since <= found.sentAt && other.until >= block.time);
    return (
      block.time >= near.since - GRACE && block.time <= lastTime(invoice) && isAlone(question, near, held)
    );
  }
  const own = invoice.asked.find(one => isAt(one, found) && BigInt(one.units) === found.transfer.units);
  if (!own || block.time < own.since - GRACE) return false;
  return acceptedBy(world, invoice).late === 'accept' && invoice.cancelled_at === null;
}

/** Whether the mark of a completed invoice says how what it was paid by differs. */
export function judgeMark(invoice: Judged, own: Settled): string[] {
  const asked = invoice.asked.find(
    one => one.network === own.network && one.asset === own.asset && one.addressKey === own.to_key,
  );
  if (!asked) return [`invoice ${invoice.id} was settled where it asked for nothing`];
  const difference = BigInt(own.units) - BigInt(asked.units);
  const right =
    difference < 0n
      ? ['underpaid']
      : difference > 0n
        ? ['overpaid', 'duplicate']
        : [null, 'paid_late', 'duplicate'];
  const isRight = [...right, 'reversed'].includes(invoice.exception);
  return isRight
    ? []
    : [`invoice ${invoice.id} is marked ${invoice.exception} for a difference of ${difference}`];
}

/** A late payment of an invoice in another currency is accepted only while that has hardly moved. */
export async function checkDrift(world: World): Promise<string[]> {
  const rows = await world.admin.rows<{ id: number }>(
    `select p.id from payments p join invoices i on i.id = p.invoice_id
      where p.kind = 'late' and i.source_currency is not null order by p.id`,
  );
  const fresh = rows.filter(({ id }) => !world.lateSeen.has(id));
  for (const { id } of fresh) world.lateSeen.add(id);
  const isOk = world.ratesOfStep.some(rate => rate !== null && apart(BigInt(rate), 900n) * 100n <= 900n);
  return fresh.length > 0 && !isOk
    ? [`payment ${fresh[0]?.id} was accepted late although the rate had moved to ${world.ratesOfStep}`]
    : [];
}

/** No amount is kept from others for longer than its hold, whatever was paid meanwhile. */
export async function judgeHolds(world: World): Promise<string[]> {
  const rows = await world.admin.rows<{ id: number }>(
    `select distinct i.id from invoices i join reservations r on r.invoice_id = i.id
      where r.held_until > i.ended_at + make_interval(secs => $1) order by i.id`,
    [HOLD / 1000],
  );
  return rows.map(({ id }) => `an amount of invoice ${id} is held longer than its hold`);
}
