/**
 * What an invoice was asked in before its payer changed coin or network. Written only with the invoice itself, by
 * save-invoices.ts; whoever reads holds the invoice's lock, or can bear to be a moment late.
 */
import { type Selectable, sql } from 'kysely';
import type { Method } from '../domain/invoice.ts';
import { rateFrom } from './coin-rate.ts';
import type { Db, Tx } from './db.ts';
import type { Schema } from './schema.ts';

type Row = Selectable<Schema['replaced_methods']>;

/** The replaced methods of each of these invoices that has any, oldest first. */
export async function replacedMethods(
  db: Db | Tx,
  invoiceIds: readonly number[],
): Promise<Map<number, Method[]>> {
  const replaced = new Map<number, Method[]>();
  if (invoiceIds.length === 0) return replaced;
  const rows = await db
    .selectFrom('replaced_methods')
    .selectAll()
    .where('invoice_id', '=', sql<number>`any(${invoiceIds}::bigint[])`)
    .orderBy('invoice_id')
    .orderBy('method_at')
    .execute();
  for (const row of rows)
    replaced.set(row.invoice_id, [...(replaced.get(row.invoice_id) ?? []), toMethod(row)]);
  return replaced;
}

/** Keeps what an invoice is asked in now, before another method takes its place. */
export async function keepMethod(tx: Tx, invoiceId: number, now: number): Promise<void> {
  await sql`
    insert into replaced_methods (invoice_id, network, asset, wallet_id, address, address_key, final_units,
      final_decimals, commission, method_at, replaced_at, coin_rate, coin_rate_origin)
    select i.id, i.network, i.asset, i.wallet_id, i.address, i.address_key, i.final_units, i.final_decimals,
           i.commission, i.method_at, ${new Date(now)}, i.coin_rate, i.coin_rate_origin
      from invoices i where i.id = ${invoiceId}`.execute(tx);
}

/** Makes a replaced method of each invoice its own again, and its own a replaced one. The amounts stay held. */
export async function swapMethods(
  tx: Tx,
  taken: readonly { invoiceId: number; method: Pick<Method, 'network' | 'asset'> }[],
  now: number,
): Promise<void> {
  if (taken.length === 0) return;
  const { numAffectedRows } = await sql`
    with taken as (
      delete from replaced_methods m using unnest(
        ${taken.map(t => t.invoiceId)}::bigint[], ${taken.map(t => t.method.network)}::text[],
        ${taken.map(t => t.method.asset)}::text[]
      ) as w (invoice_id, network, asset)
       where m.invoice_id = w.invoice_id and m.network = w.network and m.asset = w.asset
      returning m.*),
    kept as (
      insert into replaced_methods (invoice_id, network, asset, wallet_id, address, address_key, final_units,
        final_decimals, commission, method_at, replaced_at, coin_rate, coin_rate_origin)
      select i.id, i.network, i.asset, i.wallet_id, i.address, i.address_key, i.final_units, i.final_decimals,
             i.commission, i.method_at, ${new Date(now)}, i.coin_rate, i.coin_rate_origin
        from invoices i join taken on taken.invoice_id = i.id)
    update invoices i
       set network = t.network, asset = t.asset, wallet_id = t.wallet_id, address = t.address,
           address_key = t.address_key, final_units = t.final_units, final_decimals = t.final_decimals,
           commission = t.commission, method_at = t.method_at, coin_rate = t.coin_rate,
           coin_rate_origin = t.coin_rate_origin
      from taken t where i.id = t.invoice_id`.execute(tx);
  if (Number(numAffectedRows) !== taken.length) throw new Error('a replaced method is not there');
}

function toMethod(row: Row): Method {
  return {
    network: row.network,
    asset: row.asset,
    walletId: row.wallet_id,
    address: row.address,
    addressKey: row.address_key,
    final: { units: BigInt(row.final_units), scale: row.final_decimals },
    rate: rateFrom(row),
    since: row.method_at,
  };
}
