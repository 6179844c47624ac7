/**
 * Which amounts are held. The primary key (network, address, asset, units) is the lock that keeps two invoices of the
 * whole installation from asking for the same amount.
 */
import { sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import { GRACE } from '../domain/match.ts';
import type { Tx } from './db.ts';

/** An amount before its tail: tail t means base + t × step units, at this address. */
type Priced = {
  network: NetworkCode;
  addressKey: string;
  asset: AssetCode;
  base: bigint;
  step: bigint;
  maxTail: number;
};

/** `invoiceId` null: for an invoice that is to be made. */
export type Wanted = {
  network: NetworkCode;
  addressKey: string;
  asset: AssetCode;
  units: bigint;
  invoiceId: number | null;
};

/**
 * A hold that ended is free again only when the matching windows of its old and its new holder cannot touch: the new
 * holder's begins `GRACE` before its creation.
 */
const lapsed = (now: number) => new Date(now - GRACE);

/** For each price the tails up to `maxTail` that are held, in the order asked. */
export async function heldTails(tx: Tx, prices: readonly Priced[], now: number): Promise<Set<number>[]> {
  const { rows } = await sql<{ n: number; tails: number[] }>`
    select p.n::int as n, array_agg(((r.units - p.base) / p.step)::int) as tails
      from unnest(
        ${prices.map(p => p.network)}::text[], ${prices.map(p => p.addressKey)}::text[], ${prices.map(p => p.asset)}::text[],
        ${prices.map(p => p.base)}::numeric[], ${prices.map(p => p.step)}::numeric[], ${prices.map(p => p.maxTail)}::int[]
      ) with ordinality as p (network, address_key, asset, base, step, size, n)
      join reservations r on r.network = p.network and r.address_key = p.address_key and r.asset = p.asset
       and r.units > p.base and r.units <= p.base + p.step * p.size
     where mod(r.units - p.base, p.step) = 0 and (r.held_until is null or r.held_until >= ${lapsed(now)})
     group by p.n`.execute(tx);
  const held = prices.map(() => new Set<number>());
  for (const { n, tails } of rows) held[n - 1] = new Set(tails);
  return held;
}

/**
 * Reserves amounts for invoices, taking over holds that have ended, and answers the invoice id of each amount, or
 * null where somebody else was faster: another transaction, or an earlier one of these. Rows go in key order, so that
 * two batches never wait for each other in a ring.
 */
export async function reserve(tx: Tx, wanted: readonly Wanted[], now: number): Promise<(number | null)[]> {
  const { rows } = await sql<{
    network: string;
    address_key: string;
    asset: string;
    units: string;
    invoice_id: number;
  }>`
    insert into reservations (network, address_key, asset, units, invoice_id)
    select w.network, w.address_key, w.asset, w.units, coalesce(w.invoice_id, nextval('invoices_id_seq'))
      from (select distinct on (w.network, w.address_key, w.asset, w.units) w.* from unnest(
        ${wanted.map(w => w.network)}::text[], ${wanted.map(w => w.addressKey)}::text[],
        ${wanted.map(w => w.asset)}::text[], ${wanted.map(w => w.units)}::numeric[], ${wanted.map(w => w.invoiceId)}::bigint[]
      ) with ordinality as w (network, address_key, asset, units, invoice_id, n)
       order by w.network, w.address_key, w.asset, w.units, w.n) as w
    on conflict (network, address_key, asset, units)
      do update set invoice_id = excluded.invoice_id, held_until = null
      where reservations.held_until < ${lapsed(now)}
    returning network, address_key, asset, units, invoice_id`.execute(tx);
  const ids = new Map(rows.map(r => [`${r.network} ${r.address_key} ${r.asset} ${r.units}`, r.invoice_id]));
  return wanted.map(w => {
    const key = `${w.network} ${w.addressKey} ${w.asset} ${w.units}`;
    const id = ids.get(key) ?? null;
    ids.delete(key);
    return id;
  });
}

/** Gives back amounts reserved in this transaction for invoices that could not be made after all. */
export async function unreserve(tx: Tx, invoiceIds: readonly number[]): Promise<void> {
  if (invoiceIds.length === 0) return;
  await sql`delete from reservations where invoice_id = any(${invoiceIds}::bigint[])`.execute(tx);
}
