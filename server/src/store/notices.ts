/**
 * Notices: rows for one person and one way of telling them, written in the transaction of what they tell of. A sender leases
 * a person's channel, tells what waits there in one message, and marks it; told rows stay for a day, so that what is judged
 * twice is told once.
 */
import { sql } from 'kysely';
import type { Invoice } from '../domain/invoice.ts';
import {
  hearersOf,
  invoiceSubject,
  isBound,
  type NoticeChannel,
  type NoticeKind,
  noticeChannels,
  toldByDefault,
  toOperators,
} from '../domain/notice.ts';
import { type Role, roles } from '../domain/role.ts';
import type { Language } from '../lib/language.ts';
import type { Db, Tx } from './db.ts';
import { notify } from './wake.ts';

/** Whose it is: a merchant's account, or an account; what it is about is told by its number or its name. */
export type Cause = { subject: string; merchantId?: number; userId?: number };

/** Writes a notice for everybody who is to hear of each cause, by the ways they have chosen and this installation has. */
export async function tell(tx: Tx, kind: NoticeKind, causes: readonly Cause[], now: number): Promise<void> {
  if (causes.length === 0) return;
  const bound = (channel: NoticeChannel) => roles.filter(role => isBound(role, kind, channel));
  const { numAffectedRows } = await sql`
    with hearer as (
      select s.person_id, s.user_id, e.subject, s.role = any(${toldByDefault(kind)}::text[]) as told,
             s.role = any(${bound('email')}::text[]) as bound
        from unnest(${causes.map(({ merchantId }) => merchantId ?? null)}::bigint[],
                    ${causes.map(({ userId }) => userId ?? null)}::bigint[],
                    ${causes.map(({ subject }) => subject)}::text[]) as e (merchant_id, user_id, subject)
        left join merchants m on m.id = e.merchant_id
        join memberships s on s.user_id = coalesce(e.user_id, m.user_id) and s.role = any(${hearersOf(kind)}::text[])
       union all
      select p.id, null, e.subject, true, false
        from people p cross join (select distinct unnest(${causes.map(({ subject }) => subject)}::text[])) as e (subject)
       where p.is_operator and ${toOperators(kind)})
    insert into notices (person_id, channel, kind, user_id, subject, created_at)
    select h.person_id, c.channel, ${kind}, h.user_id, h.subject, ${new Date(now)}
      from hearer h
      join notice_channels c on c.person_id = h.person_id
      join installation i on c.channel = any(i.notice_channels)
      left join notice_choices n on n.person_id = c.person_id and n.channel = c.channel and n.kind = ${kind}
     where coalesce(n.wanted, h.told) or (h.bound and c.channel = 'email')
    on conflict do nothing`.execute(tx);
  if (numAffectedRows) await notify(tx, 'send-notices');
}

/** Tells of transfers that settled nothing: those whose wallet or invoice it is. */
export async function tellUnmatched(tx: Tx, transferIds: readonly number[], now: number): Promise<void> {
  if (transferIds.length === 0) return;
  const { rows } = await sql<{ id: number; merchant_id: number }>`
    select t.id, coalesce(i.merchant_id, w.merchant_id) as merchant_id
      from transfers t
      left join invoices i on i.id = t.invoice_id
      left join lateral (select distinct o.merchant_id from wallets o
                          where t.invoice_id is null and o.network = t.network and o.address_key = t.to_key) w on true
     where t.id = any(${transferIds}::bigint[]) and coalesce(i.merchant_id, w.merchant_id) is not null
     order by 1, 2`.execute(tx);
  const causes = rows.map(({ id, merchant_id }) => ({ subject: String(id), merchantId: merchant_id }));
  await tell(tx, 'unmatched', causes, now);
}

/** Tells of invoices that ended and wait for a person: a part has come for them and the rest has not, or nobody could look. */
export async function tellEnded(
  tx: Tx,
  ended: readonly Pick<Invoice, 'id' | 'merchantId'>[],
  now: number,
): Promise<void> {
  const causes = ended.map(({ id, merchantId }) => ({ subject: invoiceSubject(id), merchantId }));
  await tell(tx, 'unmatched', causes, now);
}

/** A person's channel with what waits there. */
export type ClaimedChannel = {
  person_id: number;
  channel: NoticeChannel;
  chat_id: string | null;
  attempts: number;
  lease: string;
  email: string;
  language: Language;
};

/** Leases channels that may be used again and have something waiting; nobody else gets them before the lease ends. */
export async function claimChannels(
  db: Db,
  claim: { now: number; lease: string; leaseMs: number; limit: number; channels: readonly NoticeChannel[] },
): Promise<ClaimedChannel[]> {
  const now = new Date(claim.now);
  const { rows } = await sql<ClaimedChannel>`
    update notice_channels c set lease = ${claim.lease}::uuid, leased_until = ${new Date(claim.now + claim.leaseMs)}
      from (select o.person_id, o.channel from notice_channels o
             where o.channel = any(${[...claim.channels]}::text[]) and o.due_at <= ${now}
               and (o.leased_until is null or o.leased_until <= ${now})
               and exists (select from notices n
                            where n.person_id = o.person_id and n.channel = o.channel and n.sent_at is null)
             order by o.due_at limit ${claim.limit} for update skip locked) due,
           people p
     where c.person_id = due.person_id and c.channel = due.channel and p.id = c.person_id
    returning c.person_id, c.channel, c.chat_id, c.attempts, c.lease, p.email, p.language`.execute(db);
  return rows;
}

/** `role`: in the account that it is of, null where the person is no longer in its team. */
export type Waiting = {
  id: number;
  kind: NoticeKind;
  user_id: number | null;
  subject: string;
  created_at: number;
  role: Role | null;
};

/** What waits on a channel, oldest first, at most `limit`. */
export async function waitingNotices(
  db: Db,
  { person_id, channel }: Pick<ClaimedChannel, 'person_id' | 'channel'>,
  limit: number,
): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select n.id, n.kind, n.user_id, n.subject, n.created_at, s.role
      from notices n left join memberships s on s.person_id = n.person_id and s.user_id = n.user_id
     where n.person_id = ${person_id} and n.channel = ${channel} and n.sent_at is null
     order by n.id limit ${limit}`.execute(db);
  return rows;
}

type Held = Pick<ClaimedChannel, 'person_id' | 'channel' | 'lease'>;

/** Marks what was told, or is of no use any more, and lets the channel go until `dueAt`. Nothing without the lease. */
export async function finishChannel(
  tx: Tx,
  held: Held,
  { ids, now, dueAt }: { ids: readonly number[]; now: number; dueAt: number },
): Promise<void> {
  if (!(await releaseChannel(tx, held, { attempts: 0, dueAt }))) return;
  await sql`update notices set sent_at = ${new Date(now)} where id = any(${[...ids]}::bigint[])`.execute(tx);
}

/** Lets a channel go until `dueAt`; false when its lease is another's. */
export async function releaseChannel(
  db: Db,
  { person_id, channel, lease }: Held,
  { attempts, dueAt }: { attempts: number; dueAt: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('notice_channels')
    .set({ attempts, due_at: new Date(dueAt), lease: null, leased_until: null })
    .where('person_id', '=', person_id)
    .where('channel', '=', channel)
    .where('lease', '=', lease)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Deletes notices older than `before`, told or not; answers how many. */
export async function deleteNotices(db: Db, before: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from notices where id in (
      select id from notices where created_at < ${new Date(before)} order by created_at limit ${limit}
         for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** What the processes that send can send by. Written at their start. Answers what could be sent by before. */
export async function setNoticeChannels(
  db: Db,
  channels: readonly NoticeChannel[],
): Promise<readonly NoticeChannel[]> {
  const before = await db
    .selectFrom('installation')
    .select('notice_channels')
    .where('id', '=', 1)
    .executeTakeFirst();
  await db
    .updateTable('installation')
    .set({
      notice_channels: noticeChannels.filter(channel => channels.includes(channel)),
      ...(channels.includes('telegram') ? {} : { telegram_bot: null }),
    })
    .where('id', '=', 1)
    .execute();
  return before?.notice_channels ?? [];
}
