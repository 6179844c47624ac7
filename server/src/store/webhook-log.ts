/** The log of webhooks: events with their deliveries, every request that was made, and how an endpoint does. */
import { type RawBuilder, sql } from 'kysely';
import type { EventType, OptInType } from '../domain/invoice.ts';
import type { Db } from './db.ts';
import type { ResendState } from './resend-schema.ts';

export type DeliveryState = 'open' | 'delivered' | 'exhausted' | 'superseded' | 'no_endpoint';

/** An event on its way, or arrived; `last_*` of its newest request. Times in ms. */
export type LoggedDelivery = {
  id: number;
  merchant_id: number;
  invoice_id: number;
  type: EventType | OptInType;
  webhook_id: string;
  created_at: number;
  state: DeliveryState;
  attempts: number;
  due_at: number;
  ended_at: number | null;
  last_status: number | null;
  last_error: string | null;
  last_started_at: number | null;
  last_ended_at: number | null;
};

export type DeliveryQuery = {
  merchantIds: readonly number[];
  /** `failed`: nothing more is sent by itself, and the shop has not taken it. */
  state: 'open' | 'delivered' | 'failed' | null;
  type: EventType | OptInType | null;
  before: number | null;
  limit: number;
};

const columns = sql`d.id, d.merchant_id, d.invoice_id, o.type, o.webhook_id, o.created_at, d.state, d.attempts, d.due_at,
  d.ended_at, a.status as last_status, a.error as last_error, a.started_at as last_started_at,
  a.ended_at as last_ended_at`;

const joined = sql`join outbox o on o.id = d.outbox_id
  left join lateral (
    select * from (
      select status, error, started_at, ended_at from attempts where delivery_id = d.id and number = d.attempts - 1
      union all
      (select status, error, started_at, ended_at from resends where outbox_id = d.outbox_id and state = 'answered'
        order by id desc limit 1)) made
     order by started_at desc limit 1) a on true`;

/** Rows that one page looks at of each merchant. */
const WALKED = 5000;
/** Merchants that one page looks at: those with the newest. */
const MERCHANTS = 64;

/**
 * Newest first. A page looks at a bounded number of rows; where few of them fit it is short, and `next` says from where to
 * go on.
 */
export async function listDeliveries(
  db: Db,
  query: DeliveryQuery,
  most = MERCHANTS,
): Promise<{ deliveries: LoggedDelivery[]; next: number | null }> {
  const { limit } = query;
  const window = Math.max(limit + 1, WALKED);
  const walk = walkOf(query);
  const { merchantIds, rest } = await newestMerchants(db, query, most);
  const merchants = sql`unnest(${merchantIds}::bigint[]) as m (id)`;
  const { rows } = await sql<LoggedDelivery>`
    select l.* from ${merchants} cross join lateral (
      select ${columns} from (${walk} limit ${window}) d ${joined}
       where ${fits(query)} order by d.id desc limit ${limit + 1}) l
     order by l.id desc limit ${limit + 1}`.execute(db);
  const ends = await sql<{ id: number }>`
    select l.id from ${merchants} cross join lateral (
      select id from (${walk}) w offset ${window - 1} limit 1) l order by l.id desc limit 1`.execute(db);
  const floor = Math.max(ends.rows[0]?.id ?? 0, rest);
  const known = rows.filter(({ id }) => id >= floor);
  const deliveries = known.slice(0, limit);
  if (known.length > limit) return { deliveries, next: deliveries.at(-1)?.id ?? null };
  return { deliveries, next: floor === 0 ? null : floor };
}

/** Along a merchant's index, newest first. */
function walkOf(query: DeliveryQuery): RawBuilder<unknown> {
  return sql`select d.* from deliveries d
     where d.merchant_id = m.id and ${isFailed(query)} and -d.id > ${-(query.before ?? Number.MAX_SAFE_INTEGER)}
     order by -d.id`;
}

/** As many merchants as a page looks at, and above which id the rest have nothing; 0 where there is no rest. */
async function newestMerchants(
  db: Db,
  query: DeliveryQuery,
  most: number,
): Promise<{ merchantIds: number[]; rest: number }> {
  const merchantIds = [...query.merchantIds];
  if (merchantIds.length <= most) return { merchantIds, rest: 0 };
  const { rows } = await sql<{ merchant_id: number; id: number }>`
    select m.id as merchant_id, head.id from unnest(${merchantIds}::bigint[]) as m (id)
     cross join lateral (${walkOf(query)} limit 1) head order by head.id desc limit ${most + 1}`.execute(db);
  const first = rows[most];
  return {
    merchantIds: rows.slice(0, most).map(row => row.merchant_id),
    rest: first === undefined ? 0 : first.id + 1,
  };
}

function isFailed({ state }: DeliveryQuery): RawBuilder<unknown> {
  return state === 'failed' ? sql`d.state in ('exhausted', 'no_endpoint')` : sql`true`;
}

function fits({ state, type }: DeliveryQuery): RawBuilder<unknown> {
  const isState = state === null || state === 'failed' ? sql`true` : sql`d.state = ${state}`;
  return sql`${isState} and ${type === null ? sql`true` : sql`o.type = ${type}`}`;
}

/** Those of one invoice, oldest first. */
export async function deliveriesOfInvoice(db: Db, invoiceId: number): Promise<LoggedDelivery[]> {
  const { rows } = await sql<LoggedDelivery>`
    select ${columns} from deliveries d ${joined} where d.invoice_id = ${invoiceId} order by d.id limit 100`.execute(
    db,
  );
  return rows;
}

/** One of an account, with what its requests say; null for another account's, as for none. */
export async function findDelivery(
  db: Db,
  userId: number,
  id: number,
): Promise<(LoggedDelivery & { data: string; outbox_id: number }) | null> {
  const { rows } = await sql<LoggedDelivery & { data: string; outbox_id: number }>`
    select ${columns}, o.data, o.id as outbox_id from deliveries d ${joined} join merchants m on m.id = d.merchant_id
     where d.id = ${id} and m.user_id = ${userId}`.execute(db);
  return rows[0] ?? null;
}

/** A request that was made, or is to be. Headers are JSON lists of pairs; times in ms. */
export type LoggedRequest = {
  retry_count: number;
  url: string | null;
  started_at: number | null;
  ended_at: number | null;
  status: number | null;
  request_headers: string | null;
  headers: string | null;
  body: string | null;
  error: string | null;
};

/** The requests of the schedule, first to last. */
export async function requestsOf(db: Db, deliveryId: number): Promise<LoggedRequest[]> {
  const { rows } = await sql<LoggedRequest>`
    select number as retry_count, url, started_at, ended_at, status, request_headers, headers, body, error
      from attempts where delivery_id = ${deliveryId} order by number`.execute(db);
  return rows;
}

export type LoggedResend = LoggedRequest & {
  id: number;
  state: ResendState;
  asked_at: number;
  asked_by: string | null;
};

/** The newest requests that people asked for, oldest of them first. */
export async function resendsOf(db: Db, outboxId: number): Promise<LoggedResend[]> {
  const { rows } = await sql<LoggedResend>`
    select r.id, r.state, r.asked_at, p.name as asked_by, r.retry_count, r.url, r.started_at, r.ended_at, r.status,
           r.request_headers, r.headers, r.body, r.error
      from resends r left join people p on p.id = r.asked_by
     where r.outbox_id = ${outboxId} order by r.id desc limit 50`.execute(db);
  return rows.reverse();
}

/** How an endpoint does: its requests of the last day, as far as they are of its newest thousand events or open ones. */
export type EndpointHealth = {
  requests: number;
  delivered: number;
  median_ms: number | null;
  last_success_at: number | null;
  /** The first failure since the last success; null while the last request succeeded. */
  failing_since: number | null;
  open: number;
};

const EVENTS = 1000;

export async function endpointHealth(db: Db, merchantId: number, since: number): Promise<EndpointHealth> {
  const { rows } = await sql<EndpointHealth>`
    with events as (
      (select id, outbox_id from deliveries where merchant_id = ${merchantId} order by -id limit ${EVENTS})
      union (select id, outbox_id from deliveries where merchant_id = ${merchantId} and state = 'open'
              order by due_at limit ${EVENTS})),
    requests as (
      select a.started_at, a.ended_at, a.status from attempts a where a.delivery_id in (select id from events)
      union all
      select r.started_at, r.ended_at, r.status from resends r
       where r.outbox_id in (select outbox_id from events) and r.state = 'answered'),
    success as (select max(started_at) as at from requests where status = 200)
    select count(*) filter (where started_at >= ${new Date(since)})::int as requests,
           count(*) filter (where started_at >= ${new Date(since)} and status = 200)::int as delivered,
           percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at) * 1000)
             filter (where started_at >= ${new Date(since)}) as median_ms,
           (select at from success) as last_success_at,
           min(started_at) filter (where status is distinct from 200
             and started_at > coalesce((select at from success), '-infinity')) as failing_since,
           (select count(*)::int from (select from deliveries where merchant_id = ${merchantId} and state = 'open'
             limit ${EVENTS}) o) as open
      from requests`.execute(db);
  const [found] = rows;
  if (!found) throw new Error('an aggregate answered nothing');
  return { ...found, median_ms: found.median_ms === null ? null : Math.round(found.median_ms) };
}
