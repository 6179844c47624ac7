/** What merchants accept beside exact payments in time, and the held amounts around one that nobody holds. */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import { GRACE } from '../domain/match.ts';
import { type Decimal, parseDecimal } from '../domain/money.ts';
import { MOST_RESTS } from '../domain/parts.ts';
import type { HeldNear, Policy } from '../domain/policy.ts';
import type { Db, Tx } from './db.ts';
import type { HeldAmount } from './payments.ts';

/** The policy of each of these merchants. */
export async function policiesOf(db: Db | Tx, merchantIds: readonly number[]): Promise<Map<number, Policy>> {
  if (merchantIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('merchants')
    .select(['id', 'late_policy', 'late_drift', 'underpaid_tolerance', 'overpaid_tolerance', 'remainder'])
    .where('id', '=', sql<number>`any(${[...new Set(merchantIds)]}::bigint[])`)
    .execute();
  return new Map(
    rows.map(row => [
      row.id,
      {
        late: row.late_policy,
        lateDrift: percent(row.late_drift),
        underpaid: percent(row.underpaid_tolerance),
        overpaid: percent(row.overpaid_tolerance),
        remainder: row.remainder,
      },
    ]),
  );
}

function percent(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (!decimal) throw new Error('a percent of the database is not a decimal');
  return decimal;
}

/** An amount nobody holds, and the time (ms) of the block in which it was sent. */
type Nobodys = HeldAmount & { network: NetworkCode; time: number };

/** One more than an invoice can hold in one place: those that are left are another one's. */
const NEAREST = MOST_RESTS + 2;

/**
 * The nearest amounts on each side of each of these, of those held at its time by anybody: by an open invoice, or in
 * the hold of one that has ended, a little longer than that to be sure. Whatever a payer can have been asked for before
 * the transfer was first seen is committed by then, and so is seen here. In order. None at an address that wallets of several
 * accounts have: what one of them accepts may have been sent to another.
 */
export async function heldAround(tx: Tx, amounts: readonly Nobodys[]): Promise<HeldNear[][]> {
  const side = (isBelow: boolean) => sql`(
    select r.units, r.invoice_id from reservations r
     where r.network = a.network and r.address_key = a.address_key and r.asset = a.asset
       and r.units ${sql.raw(isBelow ? '<' : '>')} a.units and (r.held_until is null or r.held_until >= a.since)
     order by r.units ${sql.raw(isBelow ? 'desc' : 'asc')} limit ${NEAREST})`;
  const { rows } = await sql<{ n: number; units: string; invoice_id: number }>`
    select a.n::int as n, r.units, r.invoice_id
      from unnest(${amounts.map(a => a.network)}::text[], ${amounts.map(a => a.addressKey)}::text[],
                  ${amounts.map(a => a.asset)}::text[], ${amounts.map(a => a.units)}::numeric[],
                  ${amounts.map(a => new Date(a.time - GRACE))}::timestamptz[])
        with ordinality as a (network, address_key, asset, units, since, n)
     cross join lateral (${side(true)} union all ${side(false)}) r
     where (select count(distinct m.user_id) from wallets w join merchants m on m.id = w.merchant_id
             where w.network = a.network and w.address_key = a.address_key) < 2
     order by a.n, r.units`.execute(tx);
  const near: HeldNear[][] = amounts.map(() => []);
  for (const { n, units, invoice_id: invoiceId } of rows)
    near[n - 1]?.push({ units: BigInt(units), invoiceId });
  return near;
}
