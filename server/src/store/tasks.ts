/** What waits for a person: money that counts for nothing, and paid invoices that are not as they should be. Derived; no row of its own. */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { partKinds } from '../domain/parts.ts';
import type { TaskKind } from '../domain/task.ts';
import type { Db, Tx } from './db.ts';
import type { Resolution } from './policy-schema.ts';
import { isUnread } from './unread-networks.ts';

/**
 * A transfer that belongs to nobody yet, by why; or an invoice, by what is unusual about it, or since a part of it has come and
 * the rest is not, or not any more, asked for. Times in ms.
 */
export type Task = {
  kind: TaskKind;
  merchant_id: number;
  invoice_id: number | null;
  transfer_id: number | null;
  since: number;
};

/**
 * The oldest tasks first. Money sent to an address of several merchants is a task for each, until one has dealt with it;
 * a late payment that its shop has said it does not accept is nobody's. An invoice that expired unseen is a task for as long
 * as its networks have not been read past its deadline after all.
 */
export async function listTasks(
  db: Db,
  { merchantIds, limit }: { merchantIds: readonly number[] | null; limit: number },
): Promise<Task[]> {
  const { rows } = await sql<Task>`
    select * from (${tasksOf(merchantIds)}) tasks order by since, transfer_id limit ${limit}`.execute(db);
  return rows;
}

/** How many there are of each kind, of `most` in all. One for several merchants counts for each. */
export async function taskCounts(db: Db, most: number): Promise<Partial<Record<TaskKind, number>>> {
  const { rows } = await sql<{ kind: TaskKind; n: number }>`
    select kind, count(*)::int as n from (${tasksOf(null)} limit ${most}) tasks group by kind`.execute(db);
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
}

/** What waits for a person about an invoice itself; null: nothing. */
export async function invoiceTask(db: Db | Tx, invoiceId: number): Promise<TaskKind | null> {
  const { rows } = await sql<{ kind: TaskKind }>`
    select kind from (${invoiceTasks}) tasks where invoice_id = ${invoiceId}`.execute(db);
  return rows[0]?.kind ?? null;
}

/** A judged transfer that waits for a person; `waits` in domain/task.ts says the same. */
export const isTask = sql<boolean>`
  (state = 'unmatched' and resolution is null and height is not null and reason <> 'late_rejected')`;

/** The tasks of these merchants, or of all. Those of some are looked for wallet by wallet, whatever waits elsewhere. */
export function tasksOf(merchantIds: readonly number[] | null): RawBuilder<unknown> {
  if (!merchantIds) return sql`${transferTasks(sql`true`)} union all ${invoiceTasks}`;
  const own = sql`${[...merchantIds]}::bigint[]`;
  const isNear = sql<SqlBool>`t.id in (
    select s.id from wallets o join transfers s on s.network = o.network and s.to_key = o.address_key
     where o.merchant_id = any(${own}) and s.state = 'unmatched' and s.resolution is null)`;
  return sql`select * from (${transferTasks(isNear)} union all ${invoiceTasks}) every where merchant_id = any(${own})`;
}

const transferTasks = (isMeant: RawBuilder<SqlBool>) => sql`
      select t.reason as kind, coalesce(i.merchant_id, w.merchant_id) as merchant_id, t.invoice_id,
             t.id as transfer_id, t.detected_at as since
        from transfers t
        left join invoices i on i.id = t.invoice_id
        left join lateral (
          select distinct o.merchant_id from wallets o
           where t.invoice_id is null and o.network = t.network and o.address_key = t.to_key) w on true
       where ${isTask} and ${isMeant}`;

export const invoiceTasks = sql`
      select i.exception as kind, i.merchant_id, i.id as invoice_id, (
               select min(p.transfer_id) from payments p where p.invoice_id = i.id and p.state = 'settled') as transfer_id,
             i.ended_at as since
        from invoices i
       where i.exception in ('reversed', 'unverified_manual', 'underpaid', 'overpaid', 'paid_late', 'paid_after_cancel')
         and i.status in ('completed', 'paid_manually') and i.exception_resolved_at is null
      union all
      select i.exception, i.merchant_id, i.id, null, i.ended_at
        from invoices i
       where i.exception = 'expired_blind' and i.exception_resolved_at is null
         and ${isUnread}
      union all
      select 'rest_missing', i.merchant_id, i.id, s.transfer_id, coalesce(i.ended_at, s.since)
        from invoices i cross join lateral (
          select min(p.transfer_id) as transfer_id, min(p.created_at) as since, sum(t.units) as units
            from payments p join transfers t on t.id = p.transfer_id
           where p.invoice_id = i.id and p.state = 'pending' and p.kind = any(${[...partKinds]}::text[])) s
       where i.exception = 'underpaid' and i.exception_resolved_at is null
         and (i.status in ('expired', 'cancelled') or (i.status = 'new' and not exists (
           select from remainders r where r.invoice_id = i.id and r.network = i.network and r.asset = i.asset
              and r.units + s.units >= i.final_units)))`;

export type Resolved = {
  resolution: Resolution;
  /** The transaction that gave the money back, as it was written. */
  refundId: string | null;
  memo: string | null;
  by: string;
};

/** Says what a person has done about a transfer that is judged; false where there is no such one. */
export async function resolveTransfer(
  tx: Tx,
  id: number,
  { resolution, refundId, memo, by }: Resolved,
  now: number,
): Promise<boolean> {
  const row = await tx
    .updateTable('transfers')
    .set({
      resolution,
      resolved_at: new Date(now),
      resolved_by: by,
      refund_tx_id: refundId,
      resolution_memo: memo,
    })
    .where('id', '=', id)
    .where('state', 'in', ['unmatched', 'matched'])
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Says that a person has dealt with what is unusual about an invoice; false where nothing is. */
export async function resolveException(tx: Tx, invoiceId: number, now: number): Promise<boolean> {
  const row = await tx
    .updateTable('invoices')
    .set({ exception_resolved_at: new Date(now) })
    .where('id', '=', invoiceId)
    .where('exception', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
