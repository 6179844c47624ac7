/** Wallets, the MAC that proves nobody changed one behind our back, and the set of addresses to watch. */
import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import { type AssetCode, type NetworkCode, nativeCodes } from '../domain/asset.ts';
import { hasMac, mac, type Vault } from '../lib/vault.ts';
import type { Db, Tx } from './db.ts';
import type { Schema } from './schema.ts';

export type WalletRow = Selectable<Schema['wallets']>;

type Sealed = Pick<WalletRow, 'merchant_id' | 'network' | 'asset' | 'address' | 'address_key'>;

/** The MAC covers where the money goes and whose wallet it is; the rest may be edited freely. */
function walletMac(vault: Vault, wallet: Sealed): Buffer {
  return mac(vault, macParts(wallet));
}

export function isGenuine(vault: Vault, wallet: Sealed & { mac: Buffer }): boolean {
  return hasMac(vault, macParts(wallet), wallet.mac);
}

function macParts(wallet: Sealed): (string | number)[] {
  return ['wallet', wallet.merchant_id, wallet.network, wallet.asset, wallet.address, wallet.address_key];
}

/** Registers a wallet with its MAC; null when the merchant has it for this coin and network already. */
export async function insertWallet(
  tx: Tx,
  vault: Vault,
  wallet: Omit<Insertable<Schema['wallets']>, 'mac'>,
): Promise<number | null> {
  const row = await tx
    .insertInto('wallets')
    .values({ ...wallet, mac: walletMac(vault, wallet) })
    .onConflict(conflict => conflict.columns(['merchant_id', 'network', 'asset', 'address_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return null;
  await bumpWatchSet(tx, wallet.network);
  return row.id;
}

/** Locks a wallet for a change. */
export async function lockWallet(tx: Tx, id: number): Promise<WalletRow | null> {
  const row = await tx.selectFrom('wallets').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ?? null;
}

/** Whether a merchant has another wallet for a coin on a network, active or not. `but`: the one that is not meant. */
export async function hasOtherWallet(
  tx: Tx,
  { merchant_id, network, asset }: Pick<WalletRow, 'merchant_id' | 'network' | 'asset'>,
  but: number | null,
): Promise<boolean> {
  const row = await tx
    .selectFrom('wallets')
    .select('id')
    .where('merchant_id', '=', merchant_id)
    .where('network', '=', network)
    .where('asset', '=', asset)
    .$if(but !== null, query => query.where('id', '<>', but ?? 0))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A wallet of a merchant's; null for one of somebody else's. */
export async function walletOf(db: Db, merchantId: number, id: number): Promise<WalletRow | null> {
  const row = await db
    .selectFrom('wallets')
    .selectAll()
    .where('id', '=', id)
    .where('merchant_id', '=', merchantId)
    .executeTakeFirst();
  return row ?? null;
}

/** Changes what the MAC does not cover; where the money goes is not among it. */
export async function changeWallet(
  tx: Tx,
  id: number,
  columns: Omit<Updateable<Schema['wallets']>, keyof Sealed | 'mac'>,
): Promise<void> {
  await tx.updateTable('wallets').set(columns).where('id', '=', id).execute();
}

/** A wallet an invoice may be created on, with how far its network has been read. Times in ms. */
export type PayableWallet = WalletRow & { scanned_at: number | null; caught_up_at: number | null };

/** Those of each (merchant, network, asset) that may take invoices, oldest first, in the order asked. `now` in ms. */
export async function payableWallets(
  tx: Tx,
  wanted: readonly { merchantId: number; network: NetworkCode; asset: AssetCode }[],
  now: number,
): Promise<PayableWallet[][]> {
  const { rows } = await sql<PayableWallet>`
    select w.*, c.block_time as scanned_at, c.caught_up_at
      from (select distinct * from unnest(
        ${wanted.map(w => w.merchantId)}::bigint[], ${wanted.map(w => w.network)}::text[], ${wanted.map(w => w.asset)}::text[]
      ) as d (merchant_id, network, asset)) as d
      join wallets w using (merchant_id, network, asset)
      left join cursors c on c.network = w.network
     where w.active and (w.active_from is null or w.active_from <= ${new Date(now)}) and c.retired_at is null
     order by w.id`.execute(tx);
  return wanted.map(({ merchantId, network, asset }) =>
    rows.filter(row => row.merchant_id === merchantId && row.network === network && row.asset === asset),
  );
}

/** Which of these merchants have any wallet that may take invoices. `now` in ms. */
export async function hasActiveWallet(
  tx: Tx,
  merchantIds: readonly number[],
  now: number,
): Promise<Set<number>> {
  if (merchantIds.length === 0) return new Set();
  const rows = await tx
    .selectFrom('wallets')
    .select('merchant_id')
    .distinct()
    .where('merchant_id', '=', sql<number>`any(${merchantIds}::bigint[])`)
    .where('active', '=', true)
    .where(eb =>
      eb.or([eb('active_from', 'is', null), eb('active_from', '<=', sql<number>`${new Date(now)}`)]),
    )
    .execute();
  return new Set(rows.map(row => row.merchant_id));
}

/**
 * Counts one more change of a network's watched set. A watcher stores what it read only while the version is the one
 * it read with, so a wallet added meanwhile is not skipped.
 */
async function bumpWatchSet(tx: Tx, network: NetworkCode): Promise<void> {
  await sql`
    insert into watch_sets (network, version) values (${network}, 1)
    on conflict (network) do update set version = watch_sets.version + 1`.execute(tx);
}

/** What is watched on a network; `native`: of `keys`, those that its own coin may be paid to. */
export type WatchSet = { version: number; keys: string[]; native: string[] };

/**
 * Every address of a network that ever was registered: an inactive wallet takes no new invoices but is watched on. What was
 * changed in the database is not watched; the addresses its open invoices were given are, since they are held.
 */
export async function watchedAddresses(db: Db, vault: Vault, network: NetworkCode): Promise<WatchSet> {
  // The version is read first: a wallet that comes in between is then found by the change of version.
  const set = await db
    .selectFrom('watch_sets')
    .select('version')
    .where('network', '=', network)
    .executeTakeFirst();
  const rows = await db
    .selectFrom('wallets')
    .select(['merchant_id', 'network', 'asset', 'address', 'address_key', 'mac'])
    .where('network', '=', network)
    .execute();
  const genuine = rows.filter(row => wasProven(vault, row));
  const held = genuine.length < rows.length ? await heldAddresses(db, network) : [];
  const watched = [...genuine, ...held];
  const keysOf = (some: typeof held) => [...new Set(some.map(row => row.address_key))].sort();
  const native: ReadonlySet<AssetCode> = new Set(nativeCodes);
  return {
    version: set?.version ?? 0,
    keys: keysOf(watched),
    native: keysOf(watched.filter(({ asset }) => native.has(asset))),
  };
}

async function heldAddresses(db: Db, network: NetworkCode) {
  return db
    .selectFrom('reservations')
    .select(['address_key', 'asset'])
    .distinct()
    .where('network', '=', network)
    .execute();
}

/** Rows whose MAC was found to fit: a watcher asks about each of them every second. */
const proven = new WeakMap<Vault, Set<string>>();
const MOST_PROVEN = 100_000;

function wasProven(vault: Vault, row: Sealed & { mac: Buffer }): boolean {
  const known = proven.get(vault) ?? new Set();
  const text = `${macParts(row).join(' ')} ${row.mac.toString('base64')}`;
  if (known.has(text)) return true;
  if (!isGenuine(vault, row)) return false;
  if (known.size >= MOST_PROVEN) known.clear();
  proven.set(vault, known.add(text));
  return true;
}

/** Where a merchant's money may have gone: every wallet it ever registered, as it was registered. */
export async function walletsOf(db: Db, vault: Vault, merchantId: number) {
  const rows = await db
    .selectFrom('wallets')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .orderBy('id')
    .execute();
  return rows
    .filter(row => isGenuine(vault, row))
    .map(({ network, asset, address_key: addressKey }) => ({ network, asset, addressKey }));
}

/** Wallets for people to look at, of one merchant or of all. `genuine`: as it was registered. */
export async function listWallets(db: Db, vault: Vault, merchantId: number | null) {
  let query = db
    .selectFrom('wallets as w')
    .leftJoin('balance_checks as b', join =>
      join
        .onRef('b.network', '=', 'w.network')
        .onRef('b.address_key', '=', 'w.address_key')
        .on('w.asset', '=', sql<AssetCode>`any(${[...nativeCodes]}::text[])`),
    )
    .select(['w.id', 'w.merchant_id', 'w.network', 'w.asset', 'w.address', 'w.digits', 'w.max_tail'])
    .select([
      'w.commission_payer',
      'w.hold_seconds',
      'w.active',
      'w.qr',
      'w.active_from',
      'w.address_key',
      'w.mac',
    ])
    // Base units that no transfer explains; null where there are none, or nobody looks.
    .select(sql<string | null>`nullif(b.unexplained, 0)`.as('unexplained'))
    .orderBy('w.id');
  if (merchantId !== null) query = query.where('w.merchant_id', '=', merchantId);
  return (await query.execute()).map(({ address_key, mac, ...row }) => ({
    ...row,
    genuine: isGenuine(vault, { ...row, address_key, mac }),
  }));
}
