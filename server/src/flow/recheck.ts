/**
 * chain → transfers, once more: two providers read again what was read and is final by now. Whoever read it first is one of
 * them at most. What was not shown then is stored like any transfer, and so counts, found late; either way somebody hears of it.
 */
import { type Chain, ChainError, type Reading } from '../chains/chain.ts';
import type { Providers } from '../chains/failover.ts';
import { coinsOf, type Network } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Vault } from '../lib/vault.ts';
import { type Cursor, findCursor, type Header, storedAbove, storedBelow } from '../store/cursors.ts';
import { type Db, transact } from '../store/db.ts';
import { findMistimed, findUnread, findUnshown, noteRechecked, retimeTransfers } from '../store/recheck.ts';
import { storeTransfers } from '../store/transfers.ts';
import { type WatchSet, watchedAddresses } from '../store/wallets.ts';
import { takeSides, weStand } from './judge-fork.ts';
import { savedByTime } from './saved-by-time.ts';
import { verifyProvider } from './verify-provider.ts';

export type RecheckDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  logger: Logger;
  network: Network;
  providers: Providers;
};

const BLOCKS_PER_TICK = 1000;
const NAMED_IN_ALARM = 5;

type Read = Extract<Reading, { kind: 'read' }>;
/** One stretch, as far as all have read it, and what each of them shows there. */
type Reread = { after: number; through: number; shown: Read['transfers'][] };

/** Reads one stretch again. Answers how many blocks of it were new to this reading; 0 when there is nothing left. */
export async function recheck(deps: RecheckDeps, signal: AbortSignal): Promise<number> {
  const { db, vault, network, providers } = deps;
  const cursor = await findCursor(db, network.code);
  if (!cursor) return 0;
  const before = cursor.rechecked_height ?? Number.NEGATIVE_INFINITY;
  const to = cursor.final_height;
  if (to <= before) return 0;
  const above = await storedAbove(db, network.code, to);
  if (!above) return 0;
  await judgeFork(deps, cursor, signal);
  const watched = await watchedAddresses(db, vault, network.code);
  const readings = await providers.useTwo(chain => read(deps, { chain, cursor, watched }, signal), signal);
  const reread = asFarAsAll(readings);
  if (!reread || reread.through <= before) return 0;
  if (!(await compare(deps, { cursor, above }, reread))) return 0;
  return Number.isFinite(before) ? reread.through - before : 1;
}

type OneReading = { after: number; through: number; transfers: Read['transfers'] };

/** null where one of them is behind. */
function asFarAsAll(readings: readonly (OneReading | null)[]): Reread | null {
  const whole = readings.filter(reading => reading !== null);
  const [first] = whole;
  if (!first || whole.length < readings.length) return null;
  const through = Math.min(...whole.map(reading => reading.through));
  const shown = whole.map(({ transfers }) => transfers.filter(({ block }) => block.height <= through));
  return { after: first.after, through, shown };
}

/** Whoever has another block than most of the others where nothing can change any more is on a fork. */
async function judgeFork(deps: RecheckDeps, cursor: Cursor, signal: AbortSignal): Promise<void> {
  const { db, network, providers, logger } = deps;
  const final = await storedBelow(db, network.code, cursor.final_height);
  if (!final) return;
  const sides = await takeSides(providers, final, signal);
  const wrong = weStand(sides) ? sides.theirs : sides.ours;
  for (const member of sides.theirs.length > 0 ? wrong : [])
    providers.distrust(member, 'forked', `another block ${final.height} than the other providers`);
  if (sides.theirs.length > 0 && !weStand(sides))
    logger.error(
      { alarm: 'final_differs', network: network.code, height: final.height },
      'what was read as final is not what most providers have',
    );
}

/**
 * From where the last second reading ended, at first from where the network was begun to be read; of a network that was never
 * read again by an earlier version, from twice the finality deep. Null while the provider is behind, or on a fork.
 */
async function read(
  deps: RecheckDeps,
  { chain, cursor, watched }: { chain: Chain; cursor: Cursor; watched: WatchSet },
  signal: AbortSignal,
): Promise<OneReading | null> {
  const { network } = deps;
  await verifyProvider(deps, chain, signal);
  const head = await chain.head(signal);
  const to = Math.min(cursor.final_height, head.final);
  const from = cursor.rechecked_height ?? Math.max(0, cursor.final_height - 2 * network.finality.depth);
  const after = to > from ? await chain.block(from, signal) : null;
  if (!after) return null;
  const range = { after, head, limit: Math.min(to - from, BLOCKS_PER_TICK) };
  const asked = { tokens: network.tokens, recipients: watched.keys, native: watched.native };
  const reading = await chain.read(range, asked, signal);
  if (reading.kind !== 'read') return null;
  await requireOurs(deps, { chain, cursor }, reading, signal);
  return { after: from, through: reading.through.height, transfers: reading.transfers };
}

/**
 * Throws a ChainError where a provider has read a fork that it sits on, so that another one is asked. Ours has the next block that
 * we know at the end of the reading or above, and, asked after that, the blocks of the transfers that are new to us. Of what
 * was read at one go only the end is known.
 */
async function requireOurs(
  { db, network }: RecheckDeps,
  { chain, cursor }: { chain: Chain; cursor: Cursor },
  { through, transfers }: Read,
  signal: AbortSignal,
): Promise<void> {
  const above = await storedAbove(db, network.code, through.height);
  const at = { network: cursor.network, epoch: cursor.epoch };
  const unread = await findUnread(db, at, transfers);
  for (const { height, hash } of [...(above ? [above] : []), ...unread.map(({ block }) => block)]) {
    if ((await chain.block(height, signal))?.hash !== hash)
      throw new ChainError(`the provider does not have block ${height} as it was read`, { retryable: true });
  }
}

/**
 * Nothing of it is kept where the chain was taken back meanwhile: it may have been read from blocks that are gone. False where the
 * same stretch must be read again, because something is not judged yet whose time is in doubt: which of its times misleads only shows
 * then.
 */
async function compare(
  deps: RecheckDeps,
  { cursor, above }: { cursor: Cursor; above: Header },
  reread: Reread,
): Promise<boolean> {
  const { db, clock } = deps;
  const at = { network: cursor.network, epoch: cursor.epoch };
  const { late, unshown, misjudged, saved, isInDoubt } = await findDifferences(deps, at, reread);
  const now = clock.now();
  const noted = await transact(db, async tx => {
    const noting = { height: isInDoubt ? reread.after : reread.through, above, late: late.length };
    const moved = await noteRechecked(tx, cursor, noting, now);
    if (!moved) return false;
    await storeTransfers(tx, at, late, now);
    // Of two times one is a lie. What counts for nothing by the first is judged by the other: nothing is lost by one lie.
    await retimeTransfers(tx, at, { seen: misjudged, saved });
    return true;
  });
  if (!noted) return true;
  tell(deps, 'found_late', late.map(idOf));
  tell(deps, 'not_shown', unshown);
  tell(deps, 'time_differs', misjudged.map(idOf));
  return !isInDoubt;
}

/**
 * What was read again and is not in the table; what is there and not every provider shows; what was judged by another time than one of
 * them tells, and which of it counts by that alone. `isInDoubt`: something will be judged by one of two times.
 */
async function findDifferences(
  { db, network }: RecheckDeps,
  at: Pick<Cursor, 'network' | 'epoch'>,
  { after, through, shown }: Reread,
) {
  const range = { after, to: through, assets: coinsOf(network).map(coin => coin.asset) };
  const told = shown.flat();
  const late = await findUnread(db, at, onceEach(told));
  const missing: string[] = [];
  for (const one of shown) missing.push(...(await findUnshown(db, at, range, one)));
  const mistimed = await findMistimed(db, at, told);
  const disputed = disputedIn(told);
  const judged = mistimed.filter(({ state }) => state !== 'pending');
  return {
    late,
    unshown: [...new Set(missing)],
    misjudged: onceEach(judged.map(({ transfer }) => transfer)),
    saved: await savedByTime(db, judged),
    isInDoubt: judged.length < mistimed.length || late.some(one => disputed.has(identity(one))),
  };
}

/** The identities of those that are shown with two times of their block. */
function disputedIn(told: Read['transfers']): Set<string> {
  const times = new Map(told.map(one => [identity(one), one.block.time]));
  return new Set(told.filter(one => times.get(identity(one)) !== one.block.time).map(identity));
}

const idOf = ({ txId }: { txId: string }) => txId;

const identity = (t: Read['transfers'][number]) =>
  [t.txId, t.asset, t.from, t.to, t.units, t.ordinal].join(' ');

/** Both show most of them. */
const onceEach = (transfers: Read['transfers']): Read['transfers'] => [
  ...new Map(transfers.map(transfer => [identity(transfer), transfer])).values(),
];

const words = {
  found_late: 'transfers were found by the second reading only',
  not_shown: 'transfers are not shown by every provider: one of them lies, or lied when they were read first',
  time_differs: 'providers tell different times of the blocks of transfers: one of them lies',
};

function tell({ logger, network }: RecheckDeps, alarm: keyof typeof words, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const some = { count: ids.length, transactions: ids.slice(0, NAMED_IN_ALARM) };
  logger.error({ alarm, network: network.code, ...some }, words[alarm]);
}
