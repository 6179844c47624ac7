/**
 * Lists invoices, newest first, in pages that cost about the same whatever is asked and however many there are: a page is
 * walked along the one index that narrows most, past a bounded number of rows. Where few of those rows fit, the page is
 * short and says from where to go on.
 */
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { FullInvoice } from '../domain/invoice-facts.ts';
import type { Db } from './db.ts';
import { type Arm, armsOf, newestArms, type Span, walkOf } from './invoice-arms.ts';
import { allOf, amountIs, conditionsOf, type InvoiceFilter } from './invoice-filter.ts';
import { toInvoice } from './invoices.ts';
import type { Schema } from './schema.ts';
import { searchInvoices } from './search-invoices.ts';
import { searchMerchants } from './search-merchants.ts';

/** `before`: only invoices with a smaller id. */
export type InvoiceQuery = { filter: InvoiceFilter; before: number | null; limit: number };
/** `next`: go on before this id; null where there is nothing more. A page may be short, even empty, and have one. */
export type InvoicePage = { invoices: FullInvoice[]; next: number | null };

/** Ids, newest first. Whatever fits and is not below `floor` is among them; null: whatever fits. */
type Found = { ids: number[]; floor: number | null };

export type Bounds = {
  /** Rows that one page walks past, all arms together. */
  walked: number;
  /** Invoices of a range of amounts that are simply sorted. */
  few: number;
  /** Matches of a text that are held against the other conditions, of each merchant. */
  searched: number;
  /** Walks of one page: of more only those are begun that lead to the newest. */
  arms: number;
};

type Query = InvoiceQuery & Bounds;

const BOUNDS: Bounds = { walked: 20_000, few: 5000, searched: 200, arms: 64 };
/** Ids are given out in the order of creation, up to what a clock is wrong or a transaction waits (ms). */
const DISORDER = 3_600_000;

export async function listInvoices(
  db: Db,
  asked: InvoiceQuery,
  bounds: Bounds = BOUNDS,
): Promise<InvoicePage> {
  const query = { ...asked, ...bounds };
  const { limit, filter } = query;
  if (filter.merchantIds.length === 0) return { invoices: [], next: null };
  const { ids, floor } = await find(db, query);
  const shown = ids.slice(0, limit);
  const { rows } = await sql<Selectable<Schema['invoices']>>`
    select * from invoices where id = any(${shown}::bigint[]) order by id desc`.execute(db);
  return {
    invoices: rows.map(row => ({ ...toInvoice(row), commission: row.commission })),
    next: ids.length > limit ? (shown.at(-1) ?? null) : floor,
  };
}

async function find(db: Db, query: Query): Promise<Found> {
  const spans = await spansOf(db, query);
  if (query.filter.text !== null) return searched(db, query, spans);
  return (await fewByAmount(db, query, spans)) ?? walked(db, query, spans);
}

async function spansOf(db: Db, { filter, before }: Query): Promise<Span[]> {
  const { merchantIds, createdFrom, createdTo } = filter;
  const top = before ?? Number.MAX_SAFE_INTEGER;
  if (createdFrom === null && createdTo === null)
    return merchantIds.map(merchantId => ({ merchantId, low: 0, high: top }));
  const from = createdFrom === null ? null : new Date(createdFrom - DISORDER);
  const to = createdTo === null ? null : new Date(createdTo + DISORDER);
  const { rows } = await sql<Span>`
    select m.id as "merchantId",
           coalesce((select id from invoices where merchant_id = m.id and created_at < ${from}::timestamptz
                      order by created_at desc limit 1), 0) as low,
           least(${top}::bigint, (select id from invoices where merchant_id = m.id and created_at >= ${to}::timestamptz
                      order by created_at limit 1)) as high
      from unnest(${[...merchantIds]}::bigint[]) as m (id)`.execute(db);
  return rows;
}

async function searched(db: Db, query: Query, spans: readonly Span[]): Promise<Found> {
  const { filter, limit, arms } = query;
  const asked = { query: filter.text ?? '', limit: Math.max(query.searched, limit + 1) };
  const merged = merge(
    spans.length === 1
      ? await Promise.all(spans.map(span => searchedAlone(db, span, asked)))
      : await searchedTogether(db, spans, { ...asked, arms }),
  );
  const isWhole = conditionsOf(filter).length === 0;
  return isWhole ? merged : { ...merged, ids: await fitting(db, merged.ids, filter) };
}

type Asked = { query: string; limit: number };

async function searchedAlone(
  db: Db,
  { merchantId, low, high }: Span,
  { query, limit }: Asked,
): Promise<Found> {
  const found = await searchInvoices(db, { merchantId, query, before: high, limit });
  return foundIn(
    low,
    found.map(({ id }) => id),
    limit,
  );
}

/** `limit` ids are not all there may be. */
function foundIn(low: number, ids: readonly number[], limit: number): Found {
  const last = ids.at(-1) ?? 0;
  return { ids: ids.filter(id => id > low), floor: ids.length === limit && last > low ? last : null };
}

/**
 * All merchants in one statement a condition; of those with many matches the newest few are searched alone, and the rest
 * when their turn comes.
 */
async function searchedTogether(
  db: Db,
  spans: readonly Span[],
  asked: Asked & { arms: number },
): Promise<Found[]> {
  const { found, crowded } = await searchMerchants(db, spans, asked);
  const arms = spans
    .filter(({ merchantId }) => crowded.has(merchantId))
    .map((span): Arm => ({ ...span, along: null, condition: sql`true`, values: [] }));
  const { arms: chosen, rest } = await newestArms(db, arms, Math.ceil(asked.arms / 4));
  const alone = [];
  for (const arm of chosen) alone.push(await searchedAlone(db, arm, asked));
  return [{ ids: found, floor: null }, ...alone, { ids: [], floor: rest }];
}

async function fitting(db: Db, ids: readonly number[], filter: InvoiceFilter): Promise<number[]> {
  return idsOf(
    db,
    sql`select id from invoices where id = any(${[...ids]}::bigint[]) and ${allOf(conditionsOf(filter))}
         order by id desc`,
  );
}

/** null where no amount is asked for, or where too many invoices have one. */
async function fewByAmount(db: Db, query: Query, spans: readonly Span[]): Promise<Found | null> {
  const { few } = query;
  const amount = amountIs(query.filter);
  if (amount.length === 0 || spans.length > query.arms) return null;
  const branches = spans.map(
    ({ merchantId, low, high }) =>
      sql`(select id from invoices where merchant_id = ${merchantId} and id > ${low} and id < ${high}
             and ${allOf(amount)} limit ${few + 1})`,
  );
  const matches = sql.join(branches, sql` union all `);
  const ids = await idsOf(db, sql`select id from (${matches}) matches limit ${few + 1}`);
  return ids.length > few ? null : { ids: await fitting(db, ids, query.filter), floor: null };
}

async function walked(db: Db, { filter, limit, ...bounds }: Query, spans: readonly Span[]): Promise<Found> {
  const { arms, rest: unwalked } = await newestArms(db, await armsOf(db, filter, spans), bounds.arms);
  if (arms.length === 0) return { ids: [], floor: null };
  const window = Math.max(limit + 1, Math.ceil(bounds.walked / arms.length));
  const pages = await perArm<number[]>(db, arms, arm => {
    const rest = allOf(conditionsOf(filter, arm.along));
    return sql`array(select id from (${walkOf(arm)} limit ${window}) walked where ${rest}
                      order by place limit ${limit + 1})`;
  });
  const isBounded = arms.some(({ along }) => conditionsOf(filter, along).length > 0);
  const ends = isBounded
    ? await perArm<number>(db, arms, arm => {
        return sql`(select id from (${walkOf(arm)}) walked offset ${window - 1} limit 1)`;
      })
    : [];
  const found = arms.map((_, index): Found => {
    const ids = (pages[index] ?? []).map(Number);
    // What was found in full reaches down to the last of it; else the walk itself to where it ended.
    return { ids, floor: (ids.length > limit ? ids.at(-1) : ends[index]) ?? null };
  });
  return merge([...found, { ids: [], floor: unwalked }]);
}

/** One value for each arm, in one statement. */
async function perArm<T>(
  db: Db,
  arms: readonly Arm[],
  value: (arm: Arm) => RawBuilder<unknown>,
): Promise<(T | null)[]> {
  const branches = arms.map((arm, n) => sql`select ${n}::int as n, ${value(arm)} as value`);
  const { rows } = await sql<{ n: number; value: T | null }>`${sql.join(branches, sql` union all `)}`.execute(
    db,
  );
  return rows.sort((a, b) => a.n - b.n).map(row => row.value);
}

/** All of them together; below the highest floor not everything is known. */
function merge(pages: readonly Found[]): Found {
  const floors = pages.flatMap(({ floor }) => (floor === null ? [] : [floor]));
  const floor = floors.length === 0 ? null : Math.max(...floors);
  const ids = [...new Set(pages.flatMap(page => page.ids))].sort((a, b) => b - a);
  return { ids: floor === null ? ids : ids.filter(id => id >= floor), floor };
}

async function idsOf(db: Db, query: RawBuilder<unknown>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`${query}`.execute(db);
  return rows.map(({ id }) => id);
}
