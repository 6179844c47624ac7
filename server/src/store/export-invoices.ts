/** Invoices of exactly a filter, however many there are. */
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Status } from '../domain/invoice.ts';
import type { FullInvoice } from '../domain/invoice-facts.ts';
import type { Tx } from './db.ts';
import { toInvoice } from './invoices.ts';
import { readRows } from './read-rows.ts';
import { isInDays, isReported, type ReportFilter } from './report-filter.ts';
import type { Schema } from './schema.ts';
import { pattern } from './search-invoices.ts';

/** By the day of their creation. `statuses` empty: any. `query`: as `searchInvoices` takes it; null: any. */
export type ExportFilter = ReportFilter & { statuses: readonly Status[]; query: string | null };

/** Oldest first. */
export async function* exportInvoices(tx: Tx, filter: ExportFilter): AsyncGenerator<FullInvoice[]> {
  const { statuses, query } = filter;
  const rows = readRows<Selectable<Schema['invoices']>>(
    tx,
    sql`select i.* from invoices i join merchants m on m.id = i.merchant_id
         where ${isReported(filter)} and ${isInDays(sql`i.created_at`, filter)}
           and (${statuses.length === 0}::boolean or i.status = any(${[...statuses]}::text[]))
           and ${query === null ? sql`true` : matches(query)}
         order by i.id`,
  );
  for await (const batch of rows) yield batch.map(row => ({ ...toInvoice(row), commission: row.commission }));
}

/** What the search finds, without its bounds: exact for each field, by prefix for the reference and the metadata. */
function matches(query: string): RawBuilder<boolean> {
  // PostgreSQL text cannot hold NUL, so nothing stored can match it.
  if (query.includes('\0')) return sql`false`;
  const id = /^[1-9]\d{0,14}$/.test(query) ? Number(query) : null;
  return sql`(i.id = ${id}::bigint or i.transaction_id = ${query} or i.payer_wallet = ${query} or i.address = ${query}
    or i.client_reference_id like ${pattern(query)} or i.metadata like ${pattern(query)})`;
}
