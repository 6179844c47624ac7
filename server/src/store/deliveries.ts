/**
 * The delivery queue is this table: rows are claimed with a lease, sent outside any transaction, then recorded. Every
 * merchant gets the same small number of requests under way, and whoever has many merchants gives way to others, so that
 * slow shops cannot hold up the others.
 */
import { sql } from 'kysely';
import type { EventType, OptInType } from '../domain/invoice.ts';
import type { Db, Tx } from './db.ts';
import { tell } from './notices.ts';

export type ClaimedDelivery = {
  id: number;
  lease: string;
  merchant_id: number;
  /** How many requests were made before: the number of this one, and its `retry_count`. */
  attempts: number;
  type: EventType | OptInType;
  webhook_id: string;
  data: string;
  webhook_url: string | null;
  auth: 'signature' | 'private-key';
  private_key_header: boolean;
};

export type ClaimOptions = {
  now: number;
  /** Identifies this claim; only its holder may record. */
  lease: string;
  leaseMs: number;
  limit: number;
  perMerchant: number;
  /** How many an account has under way before it gives way to others. */
  perAccount: number;
};

/**
 * Claims deliveries that are due, the longest due first, at most `perMerchant` under way for each merchant, and never
 * one while another request of the same invoice is under way, nor two of one invoice at once: events arrive in the order they
 * happened. What is beyond `perAccount` of one account comes after what is due to all others: many merchants of one that
 * never answer must not take all the places.
 */
export async function claimDeliveries(db: Db, options: ClaimOptions): Promise<ClaimedDelivery[]> {
  const now = new Date(options.now);
  // The recursion steps from merchant to merchant by the index, so that a long backlog of one costs the others nothing.
  const { rows } = await sql<ClaimedDelivery>`
    with recursive waiting as (
      (select merchant_id from deliveries where state = 'open' order by merchant_id limit 1)
      union all
      select (select d.merchant_id from deliveries d
               where d.state = 'open' and d.merchant_id > w.merchant_id order by d.merchant_id limit 1)
        from waiting w where w.merchant_id is not null),
    busy as (
      select w.merchant_id, m.user_id, l.requests, sum(l.requests) over (partition by m.user_id) as of_account
        from waiting w join merchants m on m.id = w.merchant_id cross join lateral (
          select count(*) as requests from deliveries
           where merchant_id = w.merchant_id and lease is not null and leased_until >= ${now}) l),
    due as (
      select c.id, c.due_at,
             w.of_account + row_number() over (partition by w.user_id order by c.due_at, c.id) as turn
        from busy w cross join lateral (
        select d.id, d.due_at from deliveries d
         where d.merchant_id = w.merchant_id and d.state = 'open' and d.due_at <= ${now}
           and (d.lease is null or d.leased_until < ${now})
           and not exists (select from deliveries o
                            where o.invoice_id = d.invoice_id and o.id <> d.id and o.leased_until >= ${now})
           and not exists (select from deliveries e
                            where e.invoice_id = d.invoice_id and e.state = 'open' and e.due_at <= ${now}
                              and (e.due_at, e.id) < (d.due_at, d.id))
           and not exists (select from resends r where r.invoice_id = d.invoice_id and r.lease is not null
                            and r.leased_until >= ${now})
         order by d.due_at, d.id
         limit greatest(0, ${options.perMerchant} - w.requests)) c),
    candidates as (
      select id from due order by greatest(turn, ${options.perAccount}), due_at, id limit ${options.limit}),
    claimed as (
      update deliveries d set lease = ${options.lease}::uuid, leased_until = ${new Date(options.now + options.leaseMs)}
       where d.id in (
         select l.id from deliveries l
          where l.id in (select id from candidates) and l.state = 'open' and (l.lease is null or l.leased_until < ${now})
            for update skip locked)
      returning d.id, d.lease, d.merchant_id, d.attempts, d.outbox_id)
    select c.id, c.lease, c.merchant_id, c.attempts, o.type, o.webhook_id, o.data, m.webhook_url, m.auth, m.private_key_header
      from claimed c join outbox o on o.id = c.outbox_id join merchants m on m.id = c.merchant_id
     order by c.id`.execute(db);
  return rows;
}

/** What a request came to. `status` is null where no answer came; then `error` says why. Times in ms. */
export type AttemptRecord = {
  delivery: { id: number; lease: string; attempts: number };
  url: string;
  startedAt: number;
  endedAt: number;
  /** Without any secret; JSON lists of pairs. */
  requestHeaders: string;
  status: number | null;
  headers: string | null;
  body: string | null;
  error: string | null;
  next: { state: 'delivered' | 'exhausted' } | { state: 'open'; dueAt: number };
};

/**
 * Records requests of deliveries whose lease is still held; one that was lost belongs to another process, which sends
 * again. A delivery that ended meanwhile (superseded) keeps its end and gets its last request on record.
 */
export async function recordAttempts(tx: Tx, records: readonly AttemptRecord[]): Promise<void> {
  await sql`
    with held as (
      update deliveries d
         set attempts = d.attempts + 1, lease = null, leased_until = null,
             state = case when d.state = 'open' then r.state else d.state end,
             due_at = case when d.state = 'open' and r.due_at is not null then r.due_at else d.due_at end,
             ended_at = case when d.state = 'open' and r.state <> 'open' then r.ended_at else d.ended_at end
        from unnest(
          ${records.map(r => r.delivery.id)}::bigint[], ${records.map(r => r.delivery.lease)}::uuid[],
          ${records.map(r => r.next.state)}::text[],
          ${records.map(r => (r.next.state === 'open' ? new Date(r.next.dueAt) : null))}::timestamptz[],
          ${records.map(r => new Date(r.endedAt))}::timestamptz[]
        ) as r (id, lease, state, due_at, ended_at)
       where d.id = r.id and d.lease = r.lease
      returning d.id)
    insert into attempts (delivery_id, number, url, started_at, ended_at, status, headers, body, error, request_headers)
    select a.* from unnest(
      ${records.map(r => r.delivery.id)}::bigint[], ${records.map(r => r.delivery.attempts)}::smallint[],
      ${records.map(r => r.url)}::text[], ${records.map(r => new Date(r.startedAt))}::timestamptz[],
      ${records.map(r => new Date(r.endedAt))}::timestamptz[], ${records.map(r => r.status)}::int[],
      ${records.map(r => r.headers)}::text[], ${records.map(r => r.body)}::text[], ${records.map(r => r.error)}::text[],
      ${records.map(r => r.requestHeaders)}::text[]
    ) as a (delivery_id, number, url, started_at, ended_at, status, headers, body, error, request_headers)
    where a.delivery_id in (select id from held)`.execute(tx);
  await tellExhausted(tx, records);
}

/** People hear of what was given up by these records. */
async function tellExhausted(tx: Tx, records: readonly AttemptRecord[]): Promise<void> {
  const last = records.filter(({ next }) => next.state === 'exhausted');
  if (last.length === 0) return;
  const ids = last.map(({ delivery }) => delivery.id);
  const rows = await tx
    .selectFrom('deliveries')
    .select(['id', 'merchant_id'])
    .where('id', 'in', ids)
    .where('state', '=', 'exhausted')
    .orderBy('id')
    .execute();
  const causes = rows.map(({ id, merchant_id }) => ({ subject: String(id), merchantId: merchant_id }));
  await tell(tx, 'webhook_exhausted', causes, Math.max(...last.map(({ endedAt }) => endedAt)));
}

/** Ends deliveries of merchants that have no webhook URL at the moment. */
export async function endWithoutEndpoint(
  db: Db,
  claimed: readonly ClaimedDelivery[],
  now: number,
): Promise<void> {
  if (claimed.length === 0) return;
  await sql`
    update deliveries d set state = 'no_endpoint', ended_at = ${new Date(now)}, lease = null, leased_until = null
      from unnest(${claimed.map(c => c.id)}::bigint[], ${claimed.map(c => c.lease)}::uuid[]) as c (id, lease)
     where d.id = c.id and d.lease = c.lease and d.state = 'open'`.execute(db);
}

/** Lets go of deliveries that were claimed and not sent: the process is stopping. */
export async function releaseLeases(
  db: Db,
  claimed: readonly { id: number; lease: string }[],
): Promise<void> {
  if (claimed.length === 0) return;
  await sql`
    update deliveries d set lease = null, leased_until = null
      from unnest(${claimed.map(c => c.id)}::bigint[], ${claimed.map(c => c.lease)}::uuid[]) as c (id, lease)
     where d.id = c.id and d.lease = c.lease`.execute(db);
}

/** When the earliest open delivery is due, in ms; null when none is open. */
export async function nextDue(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('deliveries')
    .select(eb => eb.fn.min('due_at').as('due'))
    .where('state', '=', 'open')
    .executeTakeFirst();
  return row?.due ?? null;
}
