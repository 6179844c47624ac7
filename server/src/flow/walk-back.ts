/** Where to read on from when the chain no longer holds the block we had reached. */
import { type Block, type Chain, type Head, Untrusted } from '../chains/chain.ts';
import type { Providers } from '../chains/failover.ts';
import type { Network } from '../domain/asset.ts';
import type { Logger } from '../lib/logger.ts';
import { type Cursor, type Header, storedBelow, storedBlocks } from '../store/cursors.ts';
import type { Db } from '../store/db.ts';
import { takeSides, weStand } from './judge-fork.ts';

type WalkDeps = { db: Db; network: Network; logger: Logger; providers: Providers };

/** The block to read on from. `rewound`: what was read above it is no longer on the chain. */
export type Start = {
  after: { height: number; hash: string; time: number };
  epoch: number;
  genesis: string;
  rewound: boolean;
};

type Stand = { chain: Chain; cursor: Cursor; head: Head };

/**
 * Of a tip below the cursor: whether the chain itself is shorter or other than what was read. A provider that knows the
 * same blocks only lags. A local chain has one provider and no lag: it came back shorter.
 */
export async function standsShort({ db, network }: WalkDeps, { head }: Stand): Promise<boolean> {
  if (network.onDemand) return true;
  const ours = await storedBelow(db, network.code, head.tip.height);
  return ours?.height === head.tip.height && ours.hash !== head.tip.hash;
}

/** Finds the highest block that the chain and our headers share, in ever longer steps: rereading is harmless. */
export async function walkBack(deps: WalkDeps, stand: Stand, signal: AbortSignal): Promise<Start> {
  const { chain, cursor, head } = stand;
  const { db, network, logger } = deps;
  if (network.onDemand) {
    const { genesis } = await chain.identity(signal);
    if (genesis !== null && genesis !== cursor.genesis) return newEpoch(deps, stand, genesis, signal);
  }
  const known = await storedBlocks(db, network.code, Math.min(cursor.height, head.tip.height));
  const final = known.findIndex(block => block.height <= cursor.final_height);
  for (const index of longerAndLonger(known.length, final)) {
    const ours = known[index];
    if (!ours || (await chain.block(ours.height, signal))?.hash !== ours.hash) continue;
    await refuseFork(deps, { cursor, final: known[final], to: ours.height }, signal);
    logger.warn(
      { network: network.code, from: cursor.height, to: ours.height },
      'reorganisation: walked back',
    );
    return { after: ours, epoch: cursor.epoch, genesis: cursor.genesis, rewound: true };
  }
  const below = Math.max(0, Math.min((known.at(-1)?.height ?? cursor.height) - 1, head.tip.height));
  await refuseFork(deps, { cursor, final: known[final], to: below }, signal);
  logger.error(
    { alarm: 'reorganisation_deep', network: network.code, from: cursor.height, to: below },
    'reorganisation deeper than remembered',
  );
  const after = await existing(deps, chain, below, signal);
  return { after, epoch: cursor.epoch, genesis: cursor.genesis, rewound: true };
}

/**
 * What was final can only leave the chain if the network broke its word; far more often a provider has left it. Throws
 * Untrusted when others still have the final block that this one lacks.
 */
async function refuseFork(
  { network, logger, providers }: WalkDeps,
  { cursor, final, to }: { cursor: Cursor; final: Header | undefined; to: number },
  signal: AbortSignal,
): Promise<void> {
  if (network.onDemand || to >= cursor.final_height) return;
  if (!final || final.height <= to) return;
  if (weStand(await takeSides(providers, final, signal)))
    throw new Untrusted('forked', `block ${final.height} is final and another one elsewhere`);
  logger.error(
    { alarm: 'final_undone', network: network.code, height: final.height },
    'a final block has left the chain, as every provider says',
  );
}

/**
 * 0, 1, 3, 7, … and always the last index, and the one of the final block: whoever goes back below it says by that that the
 * chain has lost it.
 */
function* longerAndLonger(length: number, final: number): Generator<number> {
  for (let index = 0; index < length - 1; index = index * 2 + 1) {
    yield index;
    if (index < final && final < Math.min(index * 2 + 1, length - 1)) yield final;
  }
  if (length > 0) yield length - 1;
}

/** A local chain that was begun anew: other blocks at the same heights, so what came before is kept apart. */
async function newEpoch(
  deps: WalkDeps,
  { chain, cursor }: Stand,
  genesis: string,
  signal: AbortSignal,
): Promise<Start> {
  const epoch = cursor.epoch + 1;
  deps.logger.warn({ network: deps.network.code, epoch }, 'this is a new chain: a new epoch begins');
  return { after: await existing(deps, chain, 0, signal), epoch, genesis, rewound: true };
}

async function existing(
  { network }: WalkDeps,
  chain: Chain,
  height: number,
  signal: AbortSignal,
): Promise<Block> {
  const block = await chain.block(height, signal);
  if (!block) throw new Error(`${network.code} has no block ${height} to walk back to`);
  return block;
}
