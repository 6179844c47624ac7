/** What stands on the first page of an account: how far it has come, what fails, and its last days. */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Db } from './db.ts';

/** Each step is done or not; what comes later may be done before what comes earlier. */
export type Steps = { merchant: boolean; wallet: boolean; key: boolean; payment: boolean; webhook: boolean };

export async function stepsOf(db: Db, userId: number): Promise<Steps> {
  const { rows } = await sql<Steps>`
    with own as (select id from merchants where user_id = ${userId})
    select exists (select from own) as merchant,
           exists (select from own join wallets w on w.merchant_id = own.id and w.active) as wallet,
           exists (select from own join merchant_keys k on k.merchant_id = own.id
                    where k.last_used_at is not null) as key,
           exists (select from own cross join lateral (
                     select from invoices i where i.merchant_id = own.id
                        and i.status in ('completed', 'paid_manually') limit 1) p) as payment,
           exists (select from own cross join lateral (
                     select from deliveries d where d.merchant_id = own.id and d.state = 'delivered' limit 1) d) as webhook`.execute(
    db,
  );
  return rows[0] ?? { merchant: false, wallet: false, key: false, payment: false, webhook: false };
}

const MOST_COUNTED = 1000;

/** Webhooks that were not taken: tried in vain and tried again, or given up since `since` (ms). Each at most 1000 a merchant. */
export async function failingWebhooks(
  db: Db,
  userId: number,
  since: number,
): Promise<{ retrying: number; given_up: number }> {
  const { rows } = await sql<{ retrying: number; given_up: number }>`
    select coalesce(sum(r.n), 0)::bigint as retrying, coalesce(sum(g.n), 0)::bigint as given_up
      from merchants m
      cross join lateral (select count(*) as n from (
        select from deliveries d where d.merchant_id = m.id and d.state = 'open' and d.attempts > 0
         limit ${MOST_COUNTED}) o) r
      cross join lateral (select count(*) filter (where f.ended_at >= ${new Date(since)}) as n from (
        select d.ended_at from deliveries d where d.merchant_id = m.id and d.state in ('exhausted', 'no_endpoint')
         order by -d.id limit ${MOST_COUNTED}) f) g
     where m.user_id = ${userId}`.execute(db);
  return rows[0] ?? { retrying: 0, given_up: 0 };
}

/** Merchants whose wallets are looked at on the first page, those first that have one which waits, then those in use. */
export async function watchedMerchants(
  db: Db,
  userId: number,
  { now, limit }: { now: number; limit: number },
): Promise<{ id: number; name: string }[]> {
  const { rows } = await sql<{ id: number; name: string }>`
    select m.id, m.name from merchants m
     where m.user_id = ${userId}
     order by exists (select from wallets w
                       where w.merchant_id = m.id and w.active and w.active_from > ${new Date(now)}) desc,
              (select max(k.last_used_at) from merchant_keys k where k.merchant_id = m.id) desc nulls last, m.id
     limit ${limit}`.execute(db);
  return rows;
}

/** Networks on which an account has active wallets. */
export async function networksInUse(db: Db, userId: number): Promise<NetworkCode[]> {
  const rows = await db
    .selectFrom('merchants as m')
    .innerJoin('wallets as w', 'w.merchant_id', 'm.id')
    .select('w.network')
    .distinct()
    .where('m.user_id', '=', userId)
    .where('w.active', '=', true)
    .orderBy('w.network')
    .execute();
  return rows.map(({ network }) => network);
}

/** The oldest merchant of an account; null while there is none. */
export async function firstMerchant(db: Db, userId: number): Promise<number | null> {
  const row = await db
    .selectFrom('merchants')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** What became of the invoices made on one day (UTC). `paid_usd`: what was requested by those that were paid. */
export type DayFigures = { day: string; created: number; paid: number; expired: number; paid_usd: string };

/** Days from `since` (ms) on on which there were invoices, by the index on merchant and creation; top-ups are not sales. */
export async function dayFigures(db: Db, userId: number, since: number): Promise<DayFigures[]> {
  const { rows } = await sql<DayFigures>`
    select to_char(i.created_at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*) as created,
           count(*) filter (where i.is_paid) as paid, count(*) filter (where i.status = 'expired') as expired,
           coalesce(round(sum(i.requested_amount) filter (where i.is_paid), 2), 0) as paid_usd
      from merchants m
      join lateral (
        select created_at, status, requested_amount,
               status in ('completed', 'paid_manually') and exception is distinct from 'reversed' as is_paid
          from invoices
         where merchant_id = m.id and created_at >= ${new Date(since)} and top_up_user_id is null) i on true
     where m.user_id = ${userId} group by 1 order by 1`.execute(db);
  return rows;
}

/** The age of the newest reading of the rates' sources, as the time it was fetched (ms); null where there is none. */
export async function ratesFetchedAt(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('rate_readings')
    .select(({ fn }) => fn.max<number | null>('fetched_at').as('at'))
    .executeTakeFirst();
  return row?.at ?? null;
}
