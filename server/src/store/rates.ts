/** The newest reading of each source for each currency: what every process knows of rates, and what a restart finds. */
import { sql } from 'kysely';
import { type Decimal, formatDecimal, parseDecimal } from '../domain/money.ts';
import type { Reading } from '../domain/rate.ts';
import type { Db, Tx } from './db.ts';

/** Keeps what a source said. An answer older than what is kept (a stale copy somewhere on the way) changes nothing. */
export async function storeReadings(
  tx: Tx,
  from: { source: string; fetchedAt: number },
  quoted: readonly { currency: string; perUsd: Decimal; observedAt: number }[],
): Promise<void> {
  await sql`
    insert into rate_readings (source, currency, per_usd, observed_at, fetched_at)
    select ${from.source}, q.currency, q.per_usd, q.observed_at, ${new Date(from.fetchedAt)}::timestamptz from unnest(
      ${quoted.map(q => q.currency)}::text[], ${quoted.map(q => formatDecimal(q.perUsd))}::numeric[],
      ${quoted.map(q => new Date(q.observedAt))}::timestamptz[]
    ) as q (currency, per_usd, observed_at)
    on conflict (source, currency) do update
      set per_usd = excluded.per_usd, observed_at = excluded.observed_at, fetched_at = excluded.fetched_at
      where rate_readings.observed_at <= excluded.observed_at`.execute(tx);
}

/** All readings by currency, a source's own only once. */
export async function allReadings(db: Db): Promise<Map<string, Reading[]>> {
  const rows = await db.selectFrom('rate_readings').selectAll().orderBy('source').execute();
  const readings = new Map<string, Reading[]>();
  for (const { source, currency, per_usd, observed_at, fetched_at } of rows) {
    const perUsd = parseDecimal(per_usd);
    if (!perUsd) throw new Error('a rate of the database is not a decimal');
    const list = readings.get(currency) ?? [];
    list.push({ source, perUsd, observedAt: observed_at, fetchedAt: fetched_at });
    readings.set(currency, list);
  }
  return readings;
}

/** When each source was last read, in milliseconds. */
export async function lastFetches(db: Db): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('rate_readings')
    .select(({ fn }) => ['source', fn.max<number>('fetched_at').as('fetched_at')])
    .groupBy('source')
    .execute();
  return new Map(rows.map(({ source, fetched_at }) => [source, fetched_at]));
}
