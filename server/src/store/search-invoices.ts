/**
 * Search over the documented fields: exact for each, and by prefix for the reference and the metadata. Each has an index of
 * its own, and every way to the newest matches is bounded.
 */
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Invoice } from '../domain/invoice.ts';
import type { Db } from './db.ts';
import { toInvoice } from './invoices.ts';
import type { Schema } from './schema.ts';

export type Search = {
  merchantId: number;
  query: string;
  /** Only invoices with a smaller id: where the page before ended. */
  before: number | null;
  limit: number;
};

/** As much of the metadata as its index holds, in characters. */
const INDEXED = 255;
/** Matches of a prefix that are simply sorted; of more the newest are looked for. */
const FEW = 10_000;
/** The merchant's newest invoices that are looked through before all matches are sorted after all. */
const NEWEST = 10_000;

/** Newest first. Another merchant's invoices are as if they were not there. */
export async function searchInvoices(db: Db, search: Search): Promise<Invoice[]> {
  // PostgreSQL text cannot hold NUL, so nothing stored can match it.
  if (search.query.includes('\0')) return [];
  const ids = [await exactly(db, search)];
  for (const condition of prefixConditions(search)) ids.push(await byPrefix(db, search, condition));
  const newest = [...new Set(ids.flat())].sort((a, b) => b - a).slice(0, search.limit);
  if (newest.length === 0) return [];
  const { rows } = await sql<Selectable<Schema['invoices']>>`
    select * from invoices where id = any(${newest}::bigint[]) order by id desc`.execute(db);
  return rows.map(toInvoice);
}

async function exactly(db: Db, search: Search): Promise<number[]> {
  const { query, limit } = search;
  const branches = exactConditions(query).map(
    condition =>
      sql`(select id from invoices where ${own(search)} and ${condition} order by -id limit ${limit})`,
  );
  return idsOf(db, sql.join(branches, sql` union all `));
}

export function exactConditions(query: string): RawBuilder<unknown>[] {
  return [
    ...(/^[1-9]\d{0,14}$/.test(query) ? [sql`id = ${Number(query)}`] : []),
    sql`transaction_id = ${query}`,
    sql`payer_wallet = ${query}`,
    sql`address = ${query}`,
  ];
}

export function prefixConditions({ query }: Pick<Search, 'query'>): RawBuilder<unknown>[] {
  const start = [...query].slice(0, INDEXED).join('');
  const whole = start === query ? sql`` : sql`and metadata like ${pattern(query)}`;
  return [
    sql`client_reference_id like ${pattern(query)}`,
    sql`metadata_start like ${pattern(start)} ${whole}`,
  ];
}

/**
 * The newest matches of a prefix. Where most invoices match they are at hand; few matches are all sorted; of many the newest
 * are among the newest invoices, unless all of them are old.
 */
async function byPrefix(db: Db, search: Search, condition: RawBuilder<unknown>): Promise<number[]> {
  const { limit } = search;
  const atHand = await amongNewest(db, search, { condition, newest: 2 * limit });
  if (atHand.length === limit) return atHand;
  const { rows: few } = await sql<{ id: number; found: number }>`
    with matches as materialized (
      select id from invoices where ${own(search)} and ${condition} limit ${FEW + 1})
    select id, (select count(*)::int from matches) as found from matches order by id desc limit ${limit}`.execute(
    db,
  );
  if ((few[0]?.found ?? 0) <= FEW) return few.map(({ id }) => id);
  const further = await amongNewest(db, search, { condition, newest: NEWEST });
  if (further.length === limit) return further;
  return idsOf(
    db,
    sql`select id from (select id from invoices where ${own(search)} and ${condition} offset 0) matches
         order by id desc limit ${limit}`,
  );
}

function amongNewest(
  db: Db,
  search: Search,
  { condition, newest }: { condition: RawBuilder<unknown>; newest: number },
): Promise<number[]> {
  return idsOf(
    db,
    sql`select id from (select * from invoices where ${own(search)} order by -id limit ${newest}) newest
         where ${condition} limit ${search.limit}`,
  );
}

/** By -id, as the indexes have it: the primary key would lead through other merchants' invoices. */
function own({ merchantId, before }: Search): RawBuilder<unknown> {
  return sql`merchant_id = ${merchantId} ${before === null ? sql`` : sql`and -id > ${-before}`}`;
}

async function idsOf(db: Db, query: RawBuilder<unknown>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`${query}`.execute(db);
  return rows.map(({ id }) => id);
}

/** The pattern of everything that begins with a text; its own % and _ are plain characters. */
export function pattern(text: string): string {
  return `${text.replace(/[\\%_]/g, character => `\\${character}`)}%`;
}
