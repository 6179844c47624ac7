/**
 * The search of search-invoices.ts for many merchants at once: one statement, which asks each index once for each
 * merchant. Only few matches of a merchant are taken; who has more is named, to be searched alone.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './db.ts';
import { exactConditions, prefixConditions } from './search-invoices.ts';

/** Ids of one merchant between which is searched; neither end is in. */
type Within = { merchantId: number; low: number; high: number };

/** `found`: every match of the merchants that are not `crowded`. */
type Matches = { found: number[]; crowded: ReadonlySet<number> };

/** Of a merchant with more than `limit` matches in any one way nothing is answered but that. */
export async function searchMerchants(
  db: Db,
  merchants: readonly Within[],
  { query, limit }: { query: string; limit: number },
): Promise<Matches> {
  // PostgreSQL text cannot hold NUL, so nothing stored can match it.
  if (query.includes('\0')) return { found: [], crowded: new Set() };
  const matches = await matchesOf(db, merchants, {
    conditions: [...exactConditions(query), ...prefixConditions({ query })],
    limit: limit + 1,
  });
  const crowded = new Set(
    matches.filter(({ ids }) => ids.length > limit).map(({ merchant_id }) => merchant_id),
  );
  const own = matches.filter(({ merchant_id }) => !crowded.has(merchant_id));
  return { found: [...new Set(own.flatMap(({ ids }) => ids.map(Number)))], crowded };
}

/** By merchant and condition. */
type Match = { merchant_id: number; ids: number[] };

/**
 * In no order, since what is few is taken whole; so each index serves that leads to the matches. By -id, as the indexes have
 * it: the primary key would lead through everybody's invoices.
 */
async function matchesOf(
  db: Db,
  merchants: readonly Within[],
  { conditions, limit }: { conditions: readonly RawBuilder<unknown>[]; limit: number },
): Promise<Match[]> {
  const column = (value: (within: Within) => number) => merchants.map(value);
  const ways = conditions.map(
    (condition, way) => sql`
      select m.merchant_id, ${way}::int as way, match.id from m cross join lateral (
        select id from invoices
         where merchant_id = m.merchant_id and ${condition} and -id > -m.high and -id < -m.low limit ${limit}) match`,
  );
  const { rows } = await sql<Match>`
    with m as materialized (
      select * from unnest(${column(({ merchantId }) => merchantId)}::bigint[], ${column(({ low }) => low)}::bigint[],
                           ${column(({ high }) => high)}::bigint[]) as m (merchant_id, low, high))
    select merchant_id, array_agg(id) as ids from (${sql.join(ways, sql` union all `)}) matches
     group by merchant_id, way`.execute(db);
  return rows;
}
