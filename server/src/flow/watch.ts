/**
 * chain → transfers. Reads what follows the cursor and stores it together with the cursor's new place; where the chain
 * no longer holds the cursor's block, walk-back.ts finds the block to read on from.
 */
import type { Chain, Head, Reading } from '../chains/chain.ts';
import type { Providers } from '../chains/failover.ts';
import type { Network } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Vault } from '../lib/vault.ts';
import {
  advance,
  type Cursor,
  dropBlocksAbove,
  dropBlocksBelow,
  findCursor,
  forgetRecheck,
  keepBlocks,
  noteCaughtUp,
  startCursor,
} from '../store/cursors.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { orphanTransfers, storeTransfers } from '../store/transfers.ts';
import { notify } from '../store/wake.ts';
import { type WatchSet, watchedAddresses } from '../store/wallets.ts';
import { firstBlock } from './first-block.ts';
import { verifyProvider } from './verify-provider.ts';
import { type Start, standsShort, walkBack } from './walk-back.ts';

export type WatchDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  logger: Logger;
  network: Network;
  providers: Providers;
};

/** Blocks read in one tick, at most. */
const BLOCKS_PER_TICK = 1000;
/** A chain that adds nothing for this long, in ms or in blocks, may be a provider that hangs. */
const STALE_AFTER = 60_000;
const STALE_BLOCKS = 10;
/** Headers kept below the final block: a chain that breaks its word can still be walked back this far. */
const HEADERS_KEPT = 300;
/** How often to note that we stand at the tip, in ms: often enough for the lag, seldom enough for the disk. */
const CAUGHT_UP_EVERY = 10_000;

type Read = Extract<Reading, { kind: 'read' }>;
type Found = { head: Head; start: Start; reading: Read };

/** Reads one stretch of a network and stores it. Answers how many blocks were read; 0 when there was nothing new. */
export async function watch(deps: WatchDeps, signal: AbortSignal): Promise<number> {
  const { db, vault, network, providers } = deps;
  const cursor = await findCursor(db, network.code);
  if (!cursor) return begin(deps, signal);
  const watched = await watchedAddresses(db, vault, network.code);
  const found = await providers.use(chain => read(deps, { chain, cursor, watched }, signal), signal);
  if (!found || isOld(cursor, found)) {
    if (!network.onDemand && isStale(deps, cursor)) providers.passOn();
    return found ? caughtUp(deps, cursor, found.head) : 0;
  }
  return transact(db, tx => store(deps, tx, { ...found, cursor, watchVersion: watched.version }));
}

/**
 * The first reading of a network starts at its final block: no invoice is older, and a reorganisation above it is walked
 * back like any other.
 */
async function begin(
  { db, clock, network, providers, logger }: WatchDeps,
  signal: AbortSignal,
): Promise<number> {
  const start = await providers.use(async chain => {
    await verifyProvider({ network, clock, logger }, chain, signal);
    const { genesis } = await chain.identity(signal);
    const { tip, final } = await chain.head(signal);
    const block = await firstBlock({ network, clock }, { chain, tip, final }, signal);
    return block && { genesis: genesis ?? '', block, final, tip: tip.height };
  }, signal);
  if (!start) return 0;
  await transact(db, tx => startCursor(tx, network.code, start, clock.now()));
  logger.info({ network: network.code, height: start.block.height }, 'network is watched from here on');
  return 1;
}

/** Whether the newest block read is so old that another provider may well know more. */
function isStale({ clock, network }: WatchDeps, cursor: Cursor): boolean {
  return clock.now() - cursor.block_time > Math.max(STALE_AFTER, STALE_BLOCKS * network.blockTime);
}

/** null: nothing can be said now, the next tick asks again. */
async function read(
  deps: WatchDeps,
  { chain, cursor, watched }: { chain: Chain; cursor: Cursor; watched: WatchSet },
  signal: AbortSignal,
): Promise<Found | null> {
  await verifyProvider(deps, chain, signal);
  const head = await chain.head(signal);
  const stand = { chain, cursor, head };
  const readFrom = (start: Start): Promise<Reading> =>
    start.after.hash === head.tip.hash
      ? Promise.resolve({ kind: 'read', through: head.tip, blocks: [], transfers: [] })
      : chain.read(
          { after: start.after, head, limit: BLOCKS_PER_TICK },
          { tokens: deps.network.tokens, recipients: watched.keys, native: watched.native },
          signal,
        );
  const here: Start = {
    after: { height: cursor.height, hash: cursor.hash, time: cursor.block_time },
    epoch: cursor.epoch,
    genesis: cursor.genesis,
    rewound: false,
  };
  if (head.tip.height >= cursor.height) {
    const reading = await readFrom(here);
    if (reading.kind === 'read') return { head, start: here, reading };
  } else if (!(await standsShort(deps, stand))) return null;
  const start = await walkBack(deps, stand, signal);
  const reading = await readFrom(start);
  return reading.kind === 'read' ? { head, start, reading } : null;
}

function isOld(cursor: Cursor, { head, start, reading }: Found): boolean {
  return !start.rewound && reading.through.height === cursor.height && head.final <= cursor.final_height;
}

async function caughtUp({ db, clock }: WatchDeps, cursor: Cursor, head: Head): Promise<number> {
  const now = clock.now();
  if (now - cursor.caught_up_at >= CAUGHT_UP_EVERY) await noteCaughtUp(db, cursor, head.tip.height, now);
  return 0;
}

async function store(
  { clock, network }: WatchDeps,
  tx: Tx,
  { head, start, reading, cursor, watchVersion }: Found & { cursor: Cursor; watchVersion: number },
): Promise<number> {
  const now = clock.now();
  const { through } = reading;
  const final = Math.min(head.final, through.height);
  const moved = await advance(tx, cursor, watchVersion, {
    epoch: start.epoch,
    genesis: start.genesis,
    through,
    final: start.rewound ? final : Math.max(final, cursor.final_height),
    tip: head.tip.height,
    caughtUpAt: through.height >= head.tip.height ? now : cursor.caught_up_at,
  });
  // The cursor moved first: its version is the lock, and a loser has nothing to undo.
  if (!moved) return 0;
  if (start.rewound) await rewind(tx, cursor, start);
  await storeTransfers(tx, { network: network.code, epoch: start.epoch }, reading.transfers, now);
  await keepBlocks(tx, network.code, reading.blocks);
  await dropBlocksBelow(tx, network.code, final - HEADERS_KEPT);
  await notify(tx, 'settle');
  return Math.max(1, through.height - start.after.height);
}

/** What was read above the block we walked back to is no longer on the chain; of an ended epoch, what was not final. */
async function rewind(tx: Tx, cursor: Cursor, start: Start): Promise<void> {
  const isNewEpoch = start.epoch !== cursor.epoch;
  const kept = isNewEpoch ? cursor.final_height : start.after.height;
  const at = { network: cursor.network, epoch: cursor.epoch, isOver: isNewEpoch };
  await orphanTransfers(tx, at, kept);
  await dropBlocksAbove(tx, cursor.network, isNewEpoch ? -1 : start.after.height);
  await forgetRecheck(tx, cursor.network, start.after.height);
  await keepBlocks(tx, cursor.network, [start.after]);
}
