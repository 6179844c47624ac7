/** What wallets of native coins were found to hold: up to where it is explained, and what is not. */
import { sql } from 'kysely';
import { type AssetCode, type NetworkCode, nativeCodes } from '../domain/asset.ts';
import type { Db, Tx } from './db.ts';

/**
 * `height`, `units`: the balance up to which everything is accounted for; `seenHeight`, `seenUnits`: one that was read since,
 * at a block of which the transfers are not all stored yet. Null heights: never checked.
 */
export type BalanceCheck = {
  addressKey: string;
  epoch: number | null;
  height: number | null;
  units: bigint | null;
  seenHeight: number | null;
  seenUnits: bigint | null;
};

type Row = {
  address_key: string;
  epoch: number | null;
  height: number | null;
  units: string | null;
  seen_height: number | null;
  seen_units: string | null;
};

const big = (text: string | null) => (text === null ? null : BigInt(text));

/** The addresses of a coin that were not read since `before` (ms), or wait to be judged: the longest first. */
export async function dueBalances(
  db: Db,
  { network, asset, before }: { network: NetworkCode; asset: AssetCode; before: number },
  limit: number,
): Promise<BalanceCheck[]> {
  const { rows } = await sql<Row>`
    select w.address_key, b.epoch, b.height, b.units, b.seen_height, b.seen_units
      from (select distinct address_key from wallets where network = ${network} and asset = ${asset}) w
      left join balance_checks b on b.network = ${network} and b.address_key = w.address_key
     where b.checked_at is null or b.seen_height is not null or b.checked_at <= ${new Date(before)}
     order by b.checked_at nulls first, w.address_key limit ${limit}`.execute(db);
  return rows.map(row => ({
    addressKey: row.address_key,
    epoch: row.epoch,
    height: row.height,
    units: big(row.units),
    seenHeight: row.seen_height,
    seenUnits: big(row.seen_units),
  }));
}

type Place = { network: NetworkCode; addressKey: string; epoch: number };

/** What a wallet held when it was first looked at, or in a new epoch: from here on it is accounted for. */
export async function startBalance(
  db: Db,
  { network, addressKey, epoch }: Place,
  held: { height: number; units: bigint },
  now: number,
): Promise<void> {
  await sql`
    insert into balance_checks (network, address_key, epoch, height, units, checked_at)
    values (${network}, ${addressKey}, ${epoch}, ${held.height}, ${held.units}, ${new Date(now)})
    on conflict (network, address_key) do update
      set epoch = excluded.epoch, height = excluded.height, units = excluded.units, checked_at = excluded.checked_at,
          seen_height = null, seen_units = null`.execute(db);
}

/**
 * Somebody looked at a wallet and learned nothing: the others come first now. One that was never read has no account yet,
 * and stands in epoch 0, which is none.
 */
export async function noteLook(
  db: Db,
  { network, addressKey }: Omit<Place, 'epoch'>,
  now: number,
): Promise<void> {
  await sql`
    insert into balance_checks (network, address_key, epoch, height, units, checked_at)
    values (${network}, ${addressKey}, 0, 0, 0, ${new Date(now)})
    on conflict (network, address_key) do update set checked_at = excluded.checked_at`.execute(db);
}

/** What a wallet was just seen to hold, to be judged once its block is final here too. */
export async function noteSeen(
  db: Db,
  { network, addressKey, epoch }: Place,
  held: { height: number; units: bigint },
  now: number,
): Promise<void> {
  await sql`
    update balance_checks set seen_height = ${held.height}, seen_units = ${held.units}, checked_at = ${new Date(now)}
     where network = ${network} and address_key = ${addressKey} and epoch = ${epoch}`.execute(db);
}

/** The base units that transfers of the blocks after `after` up to `to` bring from others. */
export async function receivedBetween(
  tx: Tx,
  { network, addressKey, epoch }: Place,
  { asset, after, to }: { asset: AssetCode; after: number; to: number },
): Promise<bigint> {
  const { rows } = await sql<{ units: string }>`
    select coalesce(sum(units), 0) as units from transfers
     where network = ${network} and epoch = ${epoch} and asset = ${asset} and to_key = ${addressKey}
       and from_key <> to_key and height > ${after} and height <= ${to}`.execute(tx);
  return BigInt(rows[0]?.units ?? '0');
}

/** Moves the account to what was seen. False when somebody else did. */
export async function settleSeen(
  tx: Tx,
  { network, addressKey, epoch }: Place,
  { seenHeight, unexplained }: { seenHeight: number; unexplained: bigint },
  now: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update balance_checks
       set height = seen_height, units = seen_units, seen_height = null, seen_units = null,
           unexplained = unexplained + ${unexplained},
           unexplained_at = case when ${unexplained}::numeric > 0 then ${new Date(now)}::timestamptz else unexplained_at end
     where network = ${network} and address_key = ${addressKey} and epoch = ${epoch} and seen_height = ${seenHeight}`.execute(
    tx,
  );
  return Number(numAffectedRows) > 0;
}

/** Money at an address that no transfer explains, with the first of its wallets that takes the network's coin; `at` in ms. */
type Unexplained = { wallet_id: number; network: NetworkCode; address: string; units: string; at: number };

export async function listUnexplained(db: Db): Promise<Unexplained[]> {
  const { rows } = await sql<Unexplained>`
    select w.id as wallet_id, b.network, w.address, b.unexplained as units, b.unexplained_at as at
      from balance_checks b
      cross join lateral (
        select id, address from wallets
         where network = b.network and address_key = b.address_key and asset = any(${[...nativeCodes]}::text[])
         order by id limit 1) w
     where b.unexplained > 0 order by b.unexplained_at desc`.execute(db);
  return rows;
}

/** A person has found out where it came from. Answers whether there was anything. */
export async function explain(tx: Tx, { network, addressKey }: Omit<Place, 'epoch'>): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update balance_checks set unexplained = 0, unexplained_at = null
     where network = ${network} and address_key = ${addressKey} and unexplained > 0`.execute(tx);
  return Number(numAffectedRows) > 0;
}
