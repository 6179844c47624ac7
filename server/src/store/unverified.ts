/**
 * Invoices that were confirmed by a transaction which nobody had seen: what that transaction brings once it is seen is meant for
 * them, unless it is of the very amount that another invoice holds.
 */
import { sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Tx } from './db.ts';

/** A transfer by its transaction and where it went; `units` in base units. */
type Sent = { network: NetworkCode; tx_id: string; asset: AssetCode; to_key: string; units: string };

/** `isExact`: of the very amount that the invoice asked for there. */
export type Naming = { invoiceId: number; isExact: boolean };

/**
 * The invoice that each of these transfers verifies, in order: one that names its transaction and was asked in its coin at its
 * address, or in nothing by a merchant who has that wallet. Null where there is none. Of a merchant on several networks the
 * id may have been kept as another family writes it.
 */
export async function namedBy(tx: Tx, sent: readonly Sent[]): Promise<(Naming | null)[]> {
  const naming: (Naming | null)[] = sent.map(() => null);
  if (sent.length === 0) return naming;
  const { rows } = await sql<{ n: number; invoice_id: number; is_exact: boolean }>`
    select s.n::int as n, i.id as invoice_id, bool_or(a.units is not distinct from s.units) as is_exact
      from unnest(${sent.map(s => s.network)}::text[], ${sent.map(s => s.tx_id)}::text[], ${sent.map(s => s.asset)}::text[],
                  ${sent.map(s => s.to_key)}::text[], ${sent.map(s => s.units)}::numeric[])
        with ordinality as s (network, tx_id, asset, to_key, units, n)
      join invoices i on i.exception = 'unverified_manual' and i.transaction_id in (
             s.tx_id, case when s.tx_id like '0x%' then substr(s.tx_id, 3) else '0x' || s.tx_id end)
      join lateral (
        select i.network, i.asset, i.address_key, i.final_units as units where i.network is not null
        union all
        select network, asset, address_key, final_units from replaced_methods where invoice_id = i.id
        union all
        select network, asset, address_key, null from wallets where i.network is null and merchant_id = i.merchant_id) a
        on (a.network, a.asset, a.address_key) = (s.network, s.asset, s.to_key)
     group by s.n, i.id order by s.n, i.id desc`.execute(tx);
  for (const { n, invoice_id: invoiceId, is_exact: isExact } of rows) naming[n - 1] = { invoiceId, isExact };
  return naming;
}

/** Which of these (locked) invoices are verified, or will be by a payment that waits: one that a person's word has overtaken is none. */
export async function verifiedAmong(tx: Tx, invoiceIds: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql<{ invoice_id: number }>`
    select invoice_id from payments
     where invoice_id = any(${invoiceIds}::bigint[]) and (state = 'settled' or (state = 'pending' and kind = 'manual'))`.execute(
    tx,
  );
  return new Set(rows.map(row => row.invoice_id));
}
