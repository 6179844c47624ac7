/**
 * How far each network has been read. The cursor moves in the transaction that stores what it passed, and only from the
 * version it was read at: of two watchers on one network, one wins and the other starts again.
 */
import { type Selectable, sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Db, Tx } from './db.ts';
import type { Schema } from './schema.ts';

export type Cursor = Selectable<Schema['cursors']>;
export type Header = { height: number; hash: string; time: number };

export async function findCursor(db: Db, network: NetworkCode): Promise<Cursor | null> {
  const row = await db.selectFrom('cursors').selectAll().where('network', '=', network).executeTakeFirst();
  return row ?? null;
}

/** All cursors by network. */
export async function allCursors(db: Db): Promise<Cursor[]> {
  return db.selectFrom('cursors').selectAll().orderBy('network').execute();
}

const headers = (db: Db | Tx, network: NetworkCode) =>
  db.selectFrom('blocks').select(['height', 'hash', 'block_time as time']).where('network', '=', network);

/** The stored headers at or below a height, highest first: where a walk back may meet the chain again. */
export async function storedBlocks(db: Db, network: NetworkCode, height: number): Promise<Header[]> {
  return headers(db, network).where('height', '<=', height).orderBy('height', 'desc').execute();
}

/** The highest stored header at or below a height. */
export async function storedBelow(db: Db, network: NetworkCode, height: number): Promise<Header | null> {
  const row = await headers(db, network)
    .where('height', '<=', height)
    .orderBy('height', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** The lowest stored header at or above a height, up to which the network was read. */
export async function storedAbove(db: Db | Tx, network: NetworkCode, height: number): Promise<Header | null> {
  const row = await headers(db, network)
    .where('height', '>=', height)
    .orderBy('height')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Starts reading a network at a block. Does nothing when another process was faster. */
export async function startCursor(
  tx: Tx,
  network: NetworkCode,
  start: { genesis: string; block: Header; final: number; tip: number },
  now: number,
): Promise<void> {
  await tx
    .insertInto('cursors')
    .values({
      network,
      epoch: 1,
      genesis: start.genesis,
      height: start.block.height,
      hash: start.block.hash,
      block_time: new Date(start.block.time),
      final_height: start.final,
      tip_height: start.tip,
      caught_up_at: new Date(now),
      // Nothing before it is anybody's payment: the second reading follows the first from here on, however late it begins.
      rechecked_height: start.block.height,
      rechecked_at: new Date(now),
      version: 1,
    })
    .onConflict(conflict => conflict.column('network').doNothing())
    .execute();
  await keepBlocks(tx, network, [start.block]);
}

export type Advance = {
  epoch: number;
  genesis: string;
  through: Header;
  final: number;
  tip: number;
  caughtUpAt: number;
};

/**
 * Moves the cursor, provided it still is at the version it was read at and the watched set is the one it was read with.
 * Answers false, having written nothing, when it is not.
 */
export async function advance(tx: Tx, from: Cursor, watchVersion: number, to: Advance): Promise<boolean> {
  const { rows } = await sql<{ version: number }>`
    select version from watch_sets where network = ${from.network} for share`.execute(tx);
  if ((rows[0]?.version ?? 0) !== watchVersion) return false;
  const moved = await tx
    .updateTable('cursors')
    .set({
      epoch: to.epoch,
      genesis: to.genesis,
      height: to.through.height,
      hash: to.through.hash,
      block_time: new Date(to.through.time),
      final_height: to.final,
      tip_height: to.tip,
      caught_up_at: new Date(to.caughtUpAt),
      version: from.version + 1,
    })
    .where('network', '=', from.network)
    .where('version', '=', from.version)
    .executeTakeFirst();
  return moved.numUpdatedRows > 0n;
}

/** What was read again above a height is to be read again once more: the chain was taken back below it. */
export async function forgetRecheck(tx: Tx, network: NetworkCode, height: number): Promise<void> {
  await tx
    .updateTable('cursors')
    .set({ rechecked_height: Math.max(0, height) })
    .where('network', '=', network)
    .where('rechecked_height', '>', height)
    .execute();
}

/** Notes that the scan stood at the tip; not a move, so the version stays. */
export async function noteCaughtUp(db: Db, cursor: Cursor, tip: number, now: number): Promise<void> {
  await db
    .updateTable('cursors')
    .set({ caught_up_at: new Date(now), tip_height: tip })
    .where('network', '=', cursor.network)
    .where('version', '=', cursor.version)
    .execute();
}

/** Forgets the headers above a height: they are no longer on the chain. */
export async function dropBlocksAbove(tx: Tx, network: NetworkCode, height: number): Promise<void> {
  await tx.deleteFrom('blocks').where('network', '=', network).where('height', '>', height).execute();
}

/**
 * Forgets headers so far below the final one that no walk back needs them. The newest at or below `height` stays: of what was read
 * at one go few headers are known, and without it a fork that reaches among them would find no block to go back to.
 */
export async function dropBlocksBelow(tx: Tx, network: NetworkCode, height: number): Promise<void> {
  await sql`
    delete from blocks where network = ${network} and height < (
      select max(height) from blocks where network = ${network} and height <= ${height})`.execute(tx);
}

/** Remembers headers, for a later walk back. */
export async function keepBlocks(tx: Tx, network: NetworkCode, blocks: readonly Header[]): Promise<void> {
  if (blocks.length === 0) return;
  await sql`
    insert into blocks (network, height, hash, block_time)
    select ${network}, b.* from unnest(
      ${blocks.map(b => b.height)}::bigint[], ${blocks.map(b => b.hash)}::text[], ${blocks.map(b => new Date(b.time))}::timestamptz[]
    ) as b
    on conflict (network, height) do update set hash = excluded.hash, block_time = excluded.block_time`.execute(
    tx,
  );
}

/** Takes a network out of use, or back into it (null). Answers false when it was never read. */
export async function setRetired(db: Db, network: NetworkCode, at: number | null): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('cursors')
    .set({ retired_at: at === null ? null : new Date(at) })
    .where('network', '=', network)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
