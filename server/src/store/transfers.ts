/**
 * Every transfer that ever reached a watched address, one row each. A transfer that leaves the chain keeps its row
 * without a block, and finds it again when it is included anew.
 */
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Db, Tx } from './db.ts';
import type { Schema } from './schema.ts';
import { notify } from './wake.ts';

export type TransferRow = Selectable<Schema['transfers']>;

export type SeenTransfer = {
  txId: string;
  asset: AssetCode;
  from: string;
  to: string;
  units: bigint;
  ordinal: number;
  block: { height: number; hash: string; time: number };
};

/**
 * Stores transfers as seen on the chain. One already known is given its block; if it had settled nothing, it is judged
 * again, since the new block has another time; unless a person has dealt with it. What two providers agreed on was that it is in
 * the block it was in.
 */
export async function storeTransfers(
  tx: Tx,
  at: { network: NetworkCode; epoch: number },
  seen: readonly SeenTransfer[],
  now: number,
): Promise<void> {
  if (seen.length === 0) return;
  await sql`
    with placed as (
    insert into transfers as t (network, epoch, tx_id, asset, from_key, to_key, units, ordinal, height, block_hash,
      block_time, state, detected_at)
    select ${at.network}, ${at.epoch}, s.*, 'pending', ${new Date(now)} from unnest(
      ${seen.map(s => s.txId)}::text[], ${seen.map(s => s.asset)}::text[], ${seen.map(s => s.from)}::text[],
      ${seen.map(s => s.to)}::text[], ${seen.map(s => s.units)}::numeric[], ${seen.map(s => s.ordinal)}::int[],
      ${seen.map(s => s.block.height)}::bigint[], ${seen.map(s => s.block.hash)}::text[],
      ${seen.map(s => new Date(s.block.time))}::timestamptz[]
    ) as s
    on conflict (network, epoch, tx_id, asset, from_key, to_key, units, ordinal) do update
      set height = excluded.height, block_hash = excluded.block_hash, block_time = excluded.block_time,
          state = case when t.state = 'unmatched' and t.resolution is null then 'pending' else t.state end,
          reason = case when t.state = 'unmatched' and t.resolution is null then null else t.reason end,
          invoice_id = case when t.state = 'unmatched' and t.resolution is null then null else t.invoice_id end
      where t.block_hash is distinct from excluded.block_hash
    returning id),
    disagreed as (${disagree(sql`placed`)})
    select count(*) from placed`.execute(tx);
  await notify(tx, 'match');
}

/** Of transfers that are no longer where they were: whether they pay is asked of two providers again. */
const disagree = (moved: RawBuilder<unknown>) => sql`
    update payments set agreed_at = null
     where state = 'pending' and agreed_at is not null and transfer_id in (select id from ${moved})`;

/**
 * Takes the transfers above a height off the chain. Of an epoch that `isOver` those stay that have settled an invoice: they were final
 * once, and nobody can tell any more. Answers how many there were.
 */
export async function orphanTransfers(
  tx: Tx,
  at: { network: NetworkCode; epoch: number; isOver?: boolean },
  above: number,
): Promise<number> {
  const { rows } = await sql<{ gone: number }>`
    with gone as (
      update transfers t set height = null, block_hash = null, block_time = null
       where network = ${at.network} and epoch = ${at.epoch} and height > ${above}
         and not (${at.isOver ?? false} and exists (select from payments where transfer_id = t.id and state = 'settled'))
      returning id),
    disagreed as (${disagree(sql`gone`)})
    select count(*)::int as gone from gone`.execute(tx);
  const gone = rows[0]?.gone ?? 0;
  if (gone > 0) await notify(tx, 'settle');
  return gone;
}

/** Locks transfers that nobody has judged yet, in the order of the chain. */
export async function lockPending(tx: Tx, limit: number): Promise<TransferRow[]> {
  const { rows } = await sql<TransferRow>`
    select * from transfers where state = 'pending' and height is not null
     order by height, id limit ${limit} for update skip locked`.execute(tx);
  return rows;
}

/** Locks one transfer, whatever has become of it; null where there is none. */
export async function lockJudged(tx: Tx, id: number): Promise<TransferRow | null> {
  const row = await tx
    .selectFrom('transfers')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export type Judgement = {
  id: number;
  state: 'pending' | 'matched' | 'unmatched' | 'ignored';
  reason: string | null;
  invoiceId: number | null;
};

/** Writes what became of transfers this transaction has locked. */
export async function judgeTransfers(tx: Tx, judged: readonly Judgement[]): Promise<void> {
  if (judged.length === 0) return;
  await sql`
    update transfers t set state = j.state, reason = j.reason, invoice_id = j.invoice_id
      from unnest(${judged.map(j => j.id)}::bigint[], ${judged.map(j => j.state)}::text[],
                  ${judged.map(j => j.reason)}::text[], ${judged.map(j => j.invoiceId)}::bigint[])
        as j (id, state, reason, invoice_id)
     where t.id = j.id`.execute(tx);
}

/** Second transfers of invoices that lost the one that counted: they are judged again. */
export async function rejudgeSeconds(tx: Tx, invoiceIds: readonly number[]): Promise<void> {
  if (invoiceIds.length === 0) return;
  await sql`
    update transfers set state = 'pending', reason = null, invoice_id = null
     where invoice_id = any(${invoiceIds}::bigint[]) and state = 'unmatched' and reason = 'second_transfer'
       and resolution is null`.execute(tx);
  await notify(tx, 'match');
}

/** Transfers for people to look at, newest first. */
export async function listTransfers(
  db: Db,
  filter: { state?: TransferRow['state']; limit: number },
): Promise<TransferRow[]> {
  let query = db.selectFrom('transfers').selectAll().orderBy('id', 'desc').limit(filter.limit);
  if (filter.state) query = query.where('state', '=', filter.state);
  return query.execute();
}
