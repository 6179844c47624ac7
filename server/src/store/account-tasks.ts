/** What waits for the people of one account: money, and invoices, in one list; what several of its merchants share is in it once. */
import { sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import { unmatchedReasons } from '../domain/match.ts';
import type { TaskKind } from '../domain/task.ts';
import type { Db } from './db.ts';
import { tasksOf } from './tasks.ts';

/** `ref` names it in this list: `t` and the number of a transfer that belongs to nobody yet, or `i` and that of an invoice. */
export type AccountTask = {
  ref: string;
  kind: TaskKind;
  since: number;
  merchants: string[];
  invoice_id: number | null;
  client_reference_id: string | null;
  transfer_id: number | null;
  /** Of the transfer, or what the invoice asks; null where it asks for no coin. */
  network: NetworkCode | null;
  asset: AssetCode | null;
  units: string | null;
  decimals: number | null;
};

export type TaskCursor = { since: number; ref: string };

const REF = sql`case when kind = any(${[...unmatchedReasons]}::text[]) then 't' || transfer_id else 'i' || invoice_id end`;

/** The newest first, from behind `before` on. */
export async function listAccountTasks(
  db: Db,
  {
    merchantIds,
    before,
    limit,
  }: { merchantIds: readonly number[]; before: TaskCursor | null; limit: number },
): Promise<AccountTask[]> {
  const isBehind = before
    ? sql`(since, ref) < (${new Date(before.since)}::timestamptz, ${before.ref})`
    : sql`true`;
  const { rows } = await sql<AccountTask>`
    with tasks as (
      select ${REF} as ref, kind, since, invoice_id, transfer_id,
             array_agg(distinct m.name order by m.name) as merchants
        from (${tasksOf(merchantIds)}) own join merchants m on m.id = own.merchant_id
       group by 1, 2, 3, 4, 5),
    page as (select * from tasks where ${isBehind} order by since desc, ref desc limit ${limit})
    select page.*, i.client_reference_id,
           coalesce(t.network, i.network) as network, coalesce(t.asset, i.asset) as asset,
           coalesce(t.units, i.final_units) as units, case when t.id is null then i.final_decimals end as decimals
      from page left join invoices i on i.id = page.invoice_id
      left join transfers t on t.id = page.transfer_id and page.ref like 't%'
     order by page.since desc, page.ref desc`.execute(db);
  return rows;
}

/** How many there are, of `most`. */
export async function countAccountTasks(
  db: Db,
  merchantIds: readonly number[],
  most: number,
): Promise<number> {
  // What several merchants share is counted once; ten times as many are looked at, so that much of that cuts nothing off.
  const { rows } = await sql<{ n: number }>`
    select least(count(distinct ref), ${most})::int as n
      from (select ${REF} as ref from (${tasksOf(merchantIds)}) own limit ${most * 10}) refs`.execute(db);
  return rows[0]?.n ?? 0;
}
