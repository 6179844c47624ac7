/** How each RPC provider stands, for operators to see, and so that a quarantine outlasts the process that saw why. */
import { type Selectable, sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Db } from './db.ts';
import type { Schema } from './schema.ts';

export type ProviderRow = Selectable<Schema['providers']>;

/** All of them, or those of one network. */
export async function listProviders(db: Db, network: NetworkCode | null): Promise<ProviderRow[]> {
  let query = db.selectFrom('providers').selectAll().orderBy('network').orderBy('provider');
  if (network !== null) query = query.where('network', '=', network);
  return query.execute();
}

/**
 * Writes how providers stand and forgets those of the network that are configured no more. A state that is not new keeps
 * its `since`, and what somebody wrote after a row's own `since` stays.
 */
export async function saveProviders(
  db: Db,
  network: NetworkCode,
  rows: readonly Omit<ProviderRow, 'network'>[],
): Promise<void> {
  const date = (time: number | null) => (time === null ? null : new Date(time));
  await sql`
    insert into providers as p (network, provider, state, reason, since, until, strikes, head, latency_ms,
      errors_percent, seen_at)
    select ${network}, r.* from unnest(
      ${rows.map(r => r.provider)}::text[], ${rows.map(r => r.state)}::text[], ${rows.map(r => r.reason)}::text[],
      ${rows.map(r => date(r.since))}::timestamptz[], ${rows.map(r => date(r.until))}::timestamptz[],
      ${rows.map(r => r.strikes)}::int[], ${rows.map(r => r.head)}::bigint[], ${rows.map(r => r.latency_ms)}::int[],
      ${rows.map(r => r.errors_percent)}::int[], ${rows.map(r => date(r.seen_at))}::timestamptz[]) as r
    on conflict (network, provider) do update
      set state = excluded.state, reason = excluded.reason, until = excluded.until, strikes = excluded.strikes,
          head = excluded.head, latency_ms = excluded.latency_ms, errors_percent = excluded.errors_percent,
          seen_at = excluded.seen_at,
          since = case when p.state = excluded.state and p.until is not distinct from excluded.until
                       then p.since else excluded.since end
      where excluded.since >= p.since`.execute(db);
  await sql`
    delete from providers where network = ${network} and provider <> all(${rows.map(r => r.provider)}::text[])`.execute(
    db,
  );
}

/** Ends a quarantine by hand, and forgets how often there was one. Answers false when there is no such provider. */
export async function restoreProvider(
  db: Db,
  { network, provider }: { network: NetworkCode; provider: string },
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('providers')
    .set({ state: 'ok', reason: null, since: new Date(now), until: null, strikes: 0, seen_at: new Date(now) })
    .where('network', '=', network)
    .where('provider', '=', provider)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
