/** New invoices, many in one statement; a reference that is taken is answered, not thrown. */
import { sql } from 'kysely';
import type { Invoice } from '../domain/invoice.ts';
import { type Decimal, formatDecimal } from '../domain/money.ts';
import { rateColumns } from './coin-rate.ts';
import type { Tx } from './db.ts';

export type NewInvoice = { invoice: Invoice; commission: Decimal };

/** The (merchant, reference) pairs that already have an invoice, as `merchant reference`. */
export async function takenReferences(
  tx: Tx,
  pairs: readonly { merchantId: number; clientReferenceId: string }[],
): Promise<Set<string>> {
  const { rows } = await sql<{ merchant_id: number; client_reference_id: string }>`
    select i.merchant_id, i.client_reference_id
      from unnest(${pairs.map(p => p.merchantId)}::bigint[], ${pairs.map(p => p.clientReferenceId)}::text[])
        as p (merchant_id, client_reference_id)
      join invoices i using (merchant_id, client_reference_id)`.execute(tx);
  return new Set(rows.map(row => referenceKey(row.merchant_id, row.client_reference_id)));
}

export function referenceKey(merchantId: number, clientReferenceId: string): string {
  return `${merchantId} ${clientReferenceId}`;
}

/** Ids for invoices that reserve no amount yet. */
export async function nextInvoiceIds(tx: Tx, count: number): Promise<number[]> {
  if (count === 0) return [];
  const { rows } = await sql<{ id: number }>`
    select nextval('invoices_id_seq') as id from generate_series(1, ${count}::int)`.execute(tx);
  return rows.map(row => row.id);
}

/** Inserts invoices and answers the ids of those that went in; the others' references were taken. */
export async function insertInvoices(tx: Tx, added: readonly NewInvoice[]): Promise<Set<number>> {
  if (added.length === 0) return new Set();
  const invoices = added
    .map(({ invoice, commission }) => ({ ...invoice, commission }))
    .sort((a, b) => a.merchantId - b.merchantId || (a.clientReferenceId < b.clientReferenceId ? -1 : 1));
  const column = <T>(value: (invoice: (typeof invoices)[number]) => T) => invoices.map(value);
  const { rows } = await sql<{ id: number }>`
    insert into invoices (version, status, id, merchant_id, client_reference_id, metadata, compat, requested_amount,
      commission, source_currency, source_amount, network, asset, wallet_id, address, address_key, final_units,
      final_decimals, rate, rate_origin, page_id, widget_description, back_url, cancel_url, lang, method_at,
      created_at, expire_at, commission_percent, top_up_user_id, coin_rate, coin_rate_origin)
    select 1, n.* from unnest(
      ${column(i => i.status)}::text[],
      ${column(i => i.id)}::bigint[], ${column(i => i.merchantId)}::bigint[], ${column(i => i.clientReferenceId)}::text[],
      ${column(i => i.metadata)}::text[], ${column(i => i.compat)}::boolean[],
      ${column(i => formatDecimal(i.requested))}::numeric[], ${column(i => formatDecimal(i.commission))}::numeric[],
      ${column(i => i.source?.currency ?? null)}::text[],
      ${column(i => (i.source ? formatDecimal(i.source.amount) : null))}::numeric[],
      ${column(i => i.method?.network ?? null)}::text[], ${column(i => i.method?.asset ?? null)}::text[],
      ${column(i => i.method?.walletId ?? null)}::bigint[], ${column(i => i.method?.address ?? null)}::text[],
      ${column(i => i.method?.addressKey ?? null)}::text[], ${column(i => i.method?.final.units ?? null)}::numeric[],
      ${column(i => i.method?.final.scale ?? null)}::smallint[],
      ${column(i => (i.source ? formatDecimal(i.source.rate) : null))}::numeric[],
      ${column(i => i.source?.rateOrigin ?? null)}::text[], ${column(i => i.page?.id ?? null)}::uuid[],
      ${column(i => i.page?.description ?? null)}::text[], ${column(i => i.page?.backUrl ?? null)}::text[],
      ${column(i => i.page?.cancelUrl ?? null)}::text[], ${column(i => i.page?.lang ?? null)}::text[],
      ${column(i => (i.method ? new Date(i.method.since) : null))}::timestamptz[],
      ${column(i => new Date(i.createdAt))}::timestamptz[], ${column(i => new Date(i.expireAt))}::timestamptz[],
      ${column(i => formatDecimal(i.commissionPercent))}::numeric[], ${column(i => i.topUpUserId)}::bigint[],
      ${column(i => rateColumns(i.method).coin_rate)}::numeric[], ${column(i => rateColumns(i.method).coin_rate_origin)}::text[]
    ) as n
    on conflict (merchant_id, client_reference_id) do nothing
    returning id`.execute(tx);
  return new Set(rows.map(row => row.id));
}
