/**
 * Requests that a person asked for: an event once more, beside its schedule, its data unchanged. Claimed with a lease, sent
 * outside any transaction, then recorded, as deliveries are; the same rule keeps a stale event from following a later one.
 */
import { sql } from 'kysely';
import { type EventType, eventTypes, type OptInType } from '../domain/invoice.ts';
import type { Db, Tx } from './db.ts';
import { notify } from './wake.ts';

/** Whether a later event of the invoice `o` tells of has taken its place. */
const isStale = sql`exists (select from outbox later where later.invoice_id = o.invoice_id and later.id > o.id
  and later.type = any(${[...eventTypes]}::text[]) and o.type = any(${[...eventTypes]}::text[]))`;

/** `askedBy`: the person; null: nobody who is known. */
export type Asked = { askedBy: number | null; now: number };
export type Queued = 'queued' | 'queued_already' | 'stale';

/** Asks for the event of a delivery once more. */
export async function askForResend(tx: Tx, deliveryId: number, { askedBy, now }: Asked): Promise<Queued> {
  const { rows } = await sql<{ stale: boolean; made: boolean }>`
    with event as (
      select o.id, o.invoice_id, o.merchant_id, greatest(d.attempts - 1, 0) as retry_count, ${isStale} as stale
        from deliveries d join outbox o on o.id = d.outbox_id where d.id = ${deliveryId}),
    made as (
      insert into resends (outbox_id, invoice_id, merchant_id, asked_at, asked_by, retry_count, state)
      select id, invoice_id, merchant_id, ${new Date(now)}, ${askedBy}, retry_count, 'open' from event where not stale
          on conflict (outbox_id) where state = 'open' do nothing returning id)
    select stale, exists (select from made) as made from event`.execute(tx);
  await notify(tx, 'resend');
  if (rows[0]?.stale !== false) return 'stale';
  return rows[0].made ? 'queued' : 'queued_already';
}

/**
 * Asks for the events of a merchant that failed for good at or after `since` (ms), newest first, at most `limit`. Answers
 * how many were asked for; those that wait already are not counted.
 */
export async function askForFailed(
  tx: Tx,
  { merchantId, since, limit }: { merchantId: number; since: number; limit: number },
  { askedBy, now }: Asked,
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into resends (outbox_id, invoice_id, merchant_id, asked_at, asked_by, retry_count, state)
    select o.id, o.invoice_id, o.merchant_id, ${new Date(now)}, ${askedBy}, greatest(d.attempts - 1, 0), 'open'
      from deliveries d join outbox o on o.id = d.outbox_id
     where d.merchant_id = ${merchantId} and d.state in ('exhausted', 'no_endpoint') and d.ended_at >= ${new Date(since)}
       and not ${isStale} and not exists (select from resends r where r.outbox_id = o.id and r.state = 'open')
     order by -d.id limit ${limit}
        on conflict (outbox_id) where state = 'open' do nothing`.execute(tx);
  await notify(tx, 'resend');
  return Number(numAffectedRows);
}

export type ClaimedResend = {
  id: number;
  lease: string;
  outbox_id: number;
  merchant_id: number;
  /** The `retry_count` of its body. */
  attempts: number;
  type: EventType | OptInType;
  webhook_id: string;
  data: string;
  webhook_url: string | null;
  auth: 'signature' | 'private-key';
  private_key_header: boolean;
};

export type ClaimResends = {
  now: number;
  lease: string;
  leaseMs: number;
  limit: number;
  perMerchant: number;
};

/**
 * Ends those that a later event has made stale, and claims others, oldest first, while their invoices have no request under
 * way. The invoices are locked, so that no event comes between that look and the claim. What else is open of them is held by
 * the same lease: a dispatcher that looked just before does not see the claim, but meets it at the row.
 */
export async function claimResends(tx: Tx, options: ClaimResends): Promise<ClaimedResend[]> {
  const now = new Date(options.now);
  const ids = await lockCandidates(tx, options);
  if (ids.length === 0) return [];
  await sql`
    update resends r set state = 'superseded', ended_at = ${now}, lease = null, leased_until = null
      from outbox o where o.id = r.outbox_id and r.id = any(${ids}::bigint[]) and r.state = 'open' and ${isStale}`.execute(
    tx,
  );
  // A dispatcher that was first is waited for: the next statement sees what it has claimed.
  await sql`
    select from deliveries d join resends r on r.invoice_id = d.invoice_id
     where r.id = any(${ids}::bigint[]) and r.state = 'open' and d.state = 'open' order by d.id for update of d`.execute(
    tx,
  );
  const [lease, until] = [sql`${options.lease}::uuid`, new Date(options.now + options.leaseMs)];
  const { rows } = await sql<ClaimedResend>`
    with claimed as (
      update resends r set lease = ${lease}, leased_until = ${until}
       where r.id = any(${ids}::bigint[]) and r.state = 'open' and (r.lease is null or r.leased_until < ${now})
         and not exists (select from deliveries d where d.invoice_id = r.invoice_id and d.leased_until >= ${now})
      returning r.id, r.lease, r.outbox_id, r.invoice_id, r.merchant_id, r.retry_count),
    held as (
      update deliveries d set lease = c.lease, leased_until = ${until} from claimed c
       where d.invoice_id = c.invoice_id and d.state = 'open')
    select c.id, c.lease, c.outbox_id, c.merchant_id, c.retry_count as attempts, o.type, o.webhook_id, o.data,
           m.webhook_url, m.auth, m.private_key_header
      from claimed c join outbox o on o.id = c.outbox_id join merchants m on m.id = c.merchant_id
     order by c.id`.execute(tx);
  return rows;
}

/** One of each invoice, whose row is then locked; an invoice that is being changed is left for the next round. */
async function lockCandidates(tx: Tx, { now, perMerchant, limit }: ClaimResends): Promise<number[]> {
  const time = new Date(now);
  const { rows } = await sql<{ id: number }>`
    with waiting as (
      select distinct on (r.invoice_id) r.id, r.invoice_id, r.merchant_id from resends r
       where r.state = 'open' and (r.lease is null or r.leased_until < ${time})
         and not exists (select from deliveries d where d.invoice_id = r.invoice_id and d.leased_until >= ${time})
         and not exists (select from resends l where l.invoice_id = r.invoice_id and l.leased_until >= ${time})
       order by r.invoice_id, r.id),
    ranked as (select id, invoice_id, row_number() over (partition by merchant_id order by id) as place from waiting)
    select w.id from ranked w join invoices i on i.id = w.invoice_id
     where w.place <= ${perMerchant} order by w.place, w.id limit ${limit} for update of i skip locked`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

/** What a request came to. Times in ms; `status` is null where no answer came, then `error` says why. */
export type ResendRecord = {
  url: string;
  startedAt: number;
  endedAt: number;
  status: number | null;
  requestHeaders: string;
  headers: string | null;
  body: string | null;
  error: string | null;
};

/**
 * Records a request whose lease is still held. HTTP 200 delivers the event, whatever had become of it on the schedule:
 * nothing more is sent of it by itself.
 */
export async function recordResend(
  tx: Tx,
  { id, lease }: Pick<ClaimedResend, 'id' | 'lease'>,
  record: ResendRecord,
): Promise<void> {
  const ended = new Date(record.endedAt);
  const { rows } = await sql<{ outbox_id: number; invoice_id: number }>`
    update resends set state = 'answered', lease = null, leased_until = null, url = ${record.url},
           started_at = ${new Date(record.startedAt)}, ended_at = ${ended}, status = ${record.status},
           request_headers = ${record.requestHeaders}, headers = ${record.headers}, body = ${record.body},
           error = ${record.error}
     where id = ${id} and lease = ${lease}::uuid returning outbox_id, invoice_id`.execute(tx);
  if (rows[0] === undefined) return;
  await letGo(tx, rows[0].invoice_id, lease);
  if (record.status !== 200) return;
  await sql`
    update deliveries set state = 'delivered', ended_at = ${ended}
     where outbox_id = ${rows[0].outbox_id} and state in ('open', 'exhausted', 'no_endpoint')`.execute(tx);
}

/** Ends what cannot be sent: the merchant has no webhook URL at the moment. */
export async function endResend(
  db: Db,
  { id, lease }: Pick<ClaimedResend, 'id' | 'lease'>,
  now: number,
): Promise<void> {
  const { rows } = await sql<{ invoice_id: number }>`
    update resends set state = 'no_endpoint', ended_at = ${new Date(now)}, lease = null, leased_until = null
     where id = ${id} and lease = ${lease}::uuid and state = 'open' returning invoice_id`.execute(db);
  if (rows[0]) await letGo(db, rows[0].invoice_id, lease);
}

/** Lets go of one that was claimed and not sent: the process is stopping. */
export async function releaseResend(
  db: Db,
  { id, lease }: Pick<ClaimedResend, 'id' | 'lease'>,
): Promise<void> {
  const { rows } = await sql<{ invoice_id: number }>`
    update resends set lease = null, leased_until = null
     where id = ${id} and lease = ${lease}::uuid returning invoice_id`.execute(db);
  if (rows[0]) await letGo(db, rows[0].invoice_id, lease);
}

/** What is open of an invoice need not wait any longer; where a process dies before this, until the lease has run out. */
async function letGo(db: Db | Tx, invoiceId: number, lease: string): Promise<void> {
  await sql`
    update deliveries set lease = null, leased_until = null
     where invoice_id = ${invoiceId} and lease = ${lease}::uuid`.execute(db);
}
