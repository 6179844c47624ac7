/** What waits for a person: money that counts for nothing, and paid invoices that are not as they should be. Derived; no row of its own. */
import { type SqlBool, sql } from 'kysely';
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
  const isOwn = merchantIds
    ? sql<SqlBool>`merchant_id = any(${[...merchantIds]}::bigint[])`
    : sql<SqlBool>`true`;
  const { rows } = await sql<Task>`
    select * from (${allTasks()}) tasks
     where ${isOwn} order by since, transfer_id limit ${limit}`.execute(db);
  return rows;
}

/** How many there are of each kind, of `most` in all. One for several merchants counts for each. */
export async function taskCounts(db: Db, most: number): Promise<Partial<Record<TaskKind, number>>> {
  const { rows } = await sql<{ kind: TaskKind; n: number }>`
    select kind, count(*)::int as n from (${allTasks()} limit ${most}) tasks group by kind`.execute(db);
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
}

const allTasks = () => sql`
      select t.reason as kind, coalesce(i.merchant_id, w.merchant_id) as merchant_id, t.invoice_id,
             t.id as transfer_id, t.detected_at as since
        from transfers t
        left join invoices i on i.id = t.invoice_id
        left join lateral (
          select distinct o.merchant_id from wallets o
           where t.invoice_id is null and o.network = t.network and o.address_key = t.to_key) w on true
       where t.state = 'unmatched' and t.resolution is null and t.height is not null and t.reason <> 'late_rejected'
      union all
      select i.exception, i.merchant_id, i.id, (
               select min(p.transfer_id) from payments p where p.invoice_id = i.id and p.state = 'settled'), i.ended_at
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

/** Which invoice a transfer has settled, if any. */
export async function settledBy(tx: Tx, transferId: number): Promise<number | null> {
  const row = await tx
    .selectFrom('payments')
    .select('invoice_id')
    .where('transfer_id', '=', transferId)
    .where('state', '=', 'settled')
    .executeTakeFirst();
  return row?.invoice_id ?? null;
}
