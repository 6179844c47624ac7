/** The second reading held against the first: what only one of the two has, and how far the second has come. */
import { type SqlBool, sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { PaymentKind } from '../domain/exception.ts';
import type { Cursor, Header } from './cursors.ts';
import type { Db, Tx } from './db.ts';
import type { SeenTransfer, TransferRow } from './transfers.ts';
import { notify } from './wake.ts';

type Chain = { network: NetworkCode; epoch: number };

/** The columns of the identity of transfers, as rows. */
const identities = (seen: readonly SeenTransfer[]) => sql`unnest(
  ${seen.map(s => s.txId)}::text[], ${seen.map(s => s.asset)}::text[], ${seen.map(s => s.from)}::text[],
  ${seen.map(s => s.to)}::text[], ${seen.map(s => s.units)}::numeric[], ${seen.map(s => s.ordinal)}::int[])
  with ordinality as s (tx_id, asset, from_key, to_key, units, ordinal, n)`;

const isSame = sql<SqlBool>`t.tx_id = s.tx_id and t.asset = s.asset and t.from_key = s.from_key
  and t.to_key = s.to_key and t.units = s.units and t.ordinal = s.ordinal`;

/** Those of `seen` that the table does not have on a block. */
export async function findUnread(
  db: Db,
  { network, epoch }: Chain,
  seen: readonly SeenTransfer[],
): Promise<SeenTransfer[]> {
  if (seen.length === 0) return [];
  const { rows } = await sql<{ n: number }>`
    select s.n::int as n from ${identities(seen)}
     where not exists (select from transfers t
       where t.network = ${network} and t.epoch = ${epoch} and t.height is not null and ${isSame})`.execute(
    db,
  );
  const unread = new Set(rows.map(({ n }) => n));
  return seen.filter((_, index) => unread.has(index + 1));
}

/** A transfer that the table has on the same block, and with another time (`stored`, in ms) than it is shown with here. */
export type Mistimed = {
  id: number;
  transfer: SeenTransfer;
  stored: number;
  state: TransferRow['state'];
};

/** Those of `seen` that the table has on the same block, and with another time of it. */
export async function findMistimed(
  db: Db,
  { network, epoch }: Chain,
  seen: readonly SeenTransfer[],
): Promise<Mistimed[]> {
  if (seen.length === 0) return [];
  const { rows } = await sql<Pick<TransferRow, 'id' | 'block_hash' | 'block_time' | 'state'> & { n: number }>`
    select s.n::int as n, t.id, t.block_hash, t.block_time, t.state from ${identities(seen)}
      join transfers t on t.network = ${network} and t.epoch = ${epoch} and t.height is not null and ${isSame}
     order by s.n`.execute(db);
  return rows.flatMap(({ n, id, block_hash: hash, block_time: stored, state }) => {
    const transfer = seen[n - 1];
    if (!transfer || stored === null || transfer.block.hash !== hash || transfer.block.time === stored)
      return [];
    return [{ id, transfer, stored, state }];
  });
}

/**
 * Gives transfers the time of their block as `seen`, where nobody has dealt with them: what was judged and counts for nothing is
 * judged by it, and so is what is `saved` by it, however far that has come. What counts already, counts.
 */
export async function retimeTransfers(
  tx: Tx,
  { network, epoch }: Chain,
  { seen, saved }: { seen: readonly SeenTransfer[]; saved: readonly number[] },
): Promise<void> {
  if (seen.length === 0) return;
  await sql`
    update transfers t
       set block_time = (${seen.map(s => new Date(s.block.time))}::timestamptz[])[s.n::int],
           state = case when t.state = 'matched' then t.state else 'pending' end,
           reason = null, invoice_id = case when t.state = 'matched' then t.invoice_id end
      from ${identities(seen)}
     where t.network = ${network} and t.epoch = ${epoch} and ${isSame}
       and t.block_hash = (${seen.map(s => s.block.hash)}::text[])[s.n::int]
       and (t.state = 'unmatched' or t.id = any(${saved}::bigint[])) and t.resolution is null`.execute(tx);
  await notify(tx, 'match');
}

/** A payment that waits, and the invoice it counts for. */
type Waiting = { transfer_id: number; invoice_id: number; kind: PaymentKind };

/** Of these transfers, those whose payment waits to be final. */
export async function findWaiting(db: Db, transferIds: readonly number[]): Promise<Waiting[]> {
  if (transferIds.length === 0) return [];
  return db
    .selectFrom('payments')
    .select(['transfer_id', 'invoice_id', 'kind'])
    .where('transfer_id', 'in', transferIds)
    .where('state', '=', 'pending')
    .execute();
}

/** Ids of transactions in the blocks after `after` up to `to` with a transfer that `seen` does not have. */
export async function findUnshown(
  db: Db,
  { network, epoch }: Chain,
  range: { after: number; to: number; assets: readonly AssetCode[] },
  seen: readonly SeenTransfer[],
): Promise<string[]> {
  const { rows } = await sql<{ tx_id: string }>`
    select distinct t.tx_id from transfers t
     where t.network = ${network} and t.epoch = ${epoch} and t.height > ${range.after} and t.height <= ${range.to}
       and t.asset = any(${range.assets}::text[])
       and not exists (select from ${identities(seen)} where ${isSame})
     order by t.tx_id limit 100`.execute(db);
  return rows.map(row => row.tx_id);
}

/**
 * Notes how far the second reading has come, unless the first one was taken back below it meanwhile or another process
 * is further; locks the cursor, so that it cannot be taken back before this transaction ends. `above`: a header that was stored
 * when the second reading began, at its end or higher. Whatever takes the first one back to below that end forgets it.
 */
export async function noteRechecked(
  tx: Tx,
  cursor: Cursor,
  { height, above, late }: { height: number; above: Header; late: number },
  now: number,
): Promise<boolean> {
  // By itself, so that the next statement sees the headers as whoever had the lock has left them.
  await sql`select from cursors where network = ${cursor.network} for update`.execute(tx);
  const { numAffectedRows } = await sql`
    update cursors set rechecked_height = ${height}, rechecked_at = ${new Date(now)}, found_late = found_late + ${late}
     where network = ${cursor.network} and epoch = ${cursor.epoch} and final_height >= ${height}
       and rechecked_height is not distinct from ${cursor.rechecked_height}
       and exists (select from blocks where network = ${cursor.network} and height = ${above.height} and hash = ${above.hash})`.execute(
    tx,
  );
  return Number(numAffectedRows) > 0;
}
