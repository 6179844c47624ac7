/**
 * Which addresses are those that were registered. Whoever can write to the database can change an address there, but
 * cannot make the MAC that vouches for it: its key is outside. Every address is looked at here before it is handed to a payer, and
 * before money on it counts.
 */
import { sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db } from './db.ts';
import { isGenuine, type WalletRow } from './wallets.ts';

/** An address as an invoice has it, of its own time: the wallet's row may say another one by now. */
export type Vouched = {
  merchantId: number;
  walletId: number;
  network: NetworkCode;
  asset: AssetCode;
  address: string;
  addressKey: string;
};

/** Whether the MAC of its wallet fits each of these, in order. A wallet that is gone vouches for nothing. */
export async function areGenuine(db: Db, vault: Vault, vouched: readonly Vouched[]): Promise<boolean[]> {
  const ids = [...new Set(vouched.map(({ walletId }) => walletId))];
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('wallets')
    .select(['id', 'mac'])
    .where('id', '=', sql<number>`any(${ids}::bigint[])`)
    .execute();
  const macs = new Map(rows.map(({ id, mac }) => [id, mac]));
  return vouched.map(one => {
    const mac = macs.get(one.walletId);
    return mac !== undefined && isVouched(vault, one, mac);
  });
}

/** A wallet of a merchant's at an address, as an invoice would have it. */
export async function ownPlace(
  db: Db,
  { merchantId, network, asset, addressKey }: Omit<Vouched, 'walletId' | 'address'>,
): Promise<Vouched | null> {
  const row = await db
    .selectFrom('wallets')
    .select(['id', 'address'])
    .where('merchant_id', '=', merchantId)
    .where('network', '=', network)
    .where('asset', '=', asset)
    .where('address_key', '=', addressKey)
    .executeTakeFirst();
  return row ? { merchantId, walletId: row.id, network, asset, address: row.address, addressKey } : null;
}

/** Whether this MAC, of the wallet, fits. */
function isVouched(vault: Vault, one: Omit<Vouched, 'walletId'>, mac: Buffer): boolean {
  const { merchantId: merchant_id, network, asset, address, addressKey: address_key } = one;
  return isGenuine(vault, { merchant_id, network, asset, address, address_key, mac });
}

/** The addresses of these invoices that may be told to anybody, by invoice: one that has none, or a forged one, is not in it. */
export async function genuineAddresses(
  db: Db,
  vault: Vault,
  invoices: readonly Pick<Invoice, 'id' | 'merchantId' | 'method'>[],
): Promise<Map<number, string>> {
  const asked = invoices.flatMap(({ id, merchantId, method }) =>
    method ? [{ id, merchantId, ...method }] : [],
  );
  const genuine = await areGenuine(db, vault, asked);
  return new Map(asked.filter((_, index) => genuine[index]).map(({ id, address }) => [id, address]));
}

export type Forged = { kind: 'wallet' | 'invoice'; id: number; merchantId: number; network: NetworkCode };

/** Wallets whose address, coin or merchant is not the one that was registered. */
export async function forgedWallets(db: Db, vault: Vault): Promise<Forged[]> {
  const rows: WalletRow[] = await db.selectFrom('wallets').selectAll().orderBy('id').execute();
  return rows
    .filter(row => !isGenuine(vault, row))
    .map(({ id, merchant_id: merchantId, network }) => ({ kind: 'wallet', id, merchantId, network }));
}

/** Open invoices that ask for money at an address their wallet does not vouch for; of each such address the first one. */
export async function forgedInvoices(db: Db, vault: Vault): Promise<Forged[]> {
  const { rows } = await sql<Vouched & { id: number }>`
    select min(a.id) as id, a.merchant_id as "merchantId", a.wallet_id as "walletId", a.network, a.asset, a.address,
           a.address_key as "addressKey"
      from (select id, merchant_id, wallet_id, network, asset, address, address_key from invoices
             where status in ('awaiting_method', 'new', 'confirming') and network is not null
            union all
            select i.id, i.merchant_id, m.wallet_id, m.network, m.asset, m.address, m.address_key
              from invoices i join replaced_methods m on m.invoice_id = i.id
             where i.status in ('awaiting_method', 'new', 'confirming')) a
     group by a.merchant_id, a.wallet_id, a.network, a.asset, a.address, a.address_key order by 1`.execute(
    db,
  );
  const genuine = await areGenuine(db, vault, rows);
  return rows
    .filter((_, index) => !genuine[index])
    .map(({ id, merchantId, network }) => ({ kind: 'invoice', id, merchantId, network }));
}
