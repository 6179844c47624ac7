/**
 * The blocks after a position, read from one provider in one of two ways. Settled blocks, deep enough that every node
 * has them, are searched by range. Fresh ones are walked header by header and searched by block hash, since a node that
 * lags behind its balancer answers a range it does not have with an empty list, but must refuse a hash it does not know.
 */
import type { Network } from '../domain/asset.ts';
import { logsAt } from './block-logs.ts';
import { requireTimeOrder } from './block-times.ts';
import { mapBounded } from './bounded.ts';
import { type Block, ChainError, type Head, type Position, type Reading, type Watched } from './chain.ts';
import { type LogFilter, logFilters, paymentsIn } from './erc20-logs.ts';
import { type Found, type Spelling, toTransfers } from './erc20-transfers.ts';
import { type Clock, requireBlock } from './eth-block.ts';
import type { JsonRpc } from './json-rpc.ts';
import { proveLogs } from './log-proof.ts';
import { readNative } from './native-transfers.ts';
import { type Answer, searchRanges } from './range-search.ts';

/**
 * `ownCoin`: whether a transaction that sends a value sends it of the network's own coin, where the JSON-RPC does not say.
 */
export type Source = {
  rpc: JsonRpc;
  network: Network;
  spelling: Spelling;
  clock: Clock;
  ownCoin?: ((sent: Found, signal: AbortSignal) => Promise<boolean>) | undefined;
};

/** Bounds one reading of fresh blocks, each of which costs two calls, and one of whole blocks. */
const blocksAtOnce = 100;

/** Fewer from a provider that limits how often it is asked. */
const walkedAtOnce = ({ rpc }: Source) =>
  Math.max(1, Math.min(blocksAtOnce, Math.floor(rpc.pace.atOnce / 2)));

/** What is asked for in a reading: the logs in questions, and to whom the own coin of the network. */
type Wanted = { filters: readonly LogFilter[]; native: readonly string[] };

/** See Chain.read. With nothing new after `after`, `through` is the tip itself and `blocks` is empty. */
export async function readAfter(
  source: Source,
  range: { after: Position; head: Head; limit: number },
  watched: Watched,
  signal: AbortSignal,
): Promise<Reading> {
  const { after, head, limit } = range;
  if (!(limit >= 1)) throw new RangeError('a reading needs a limit of at least one block');
  if (after.height > head.tip.height)
    throw new ChainError(`the provider is behind: its head is ${head.tip.height}`, { retryable: true });
  if (after.height === head.tip.height)
    return after.hash === head.tip.hash
      ? { kind: 'read', through: head.tip, blocks: [], transfers: [] }
      : diverged(source, after, signal);
  const wanted = { filters: logFilters(watched, source.spelling.digits), native: watched.native };
  const most = Math.max(1, Math.min(Math.floor(limit), source.rpc.pace.atOnce));
  const to = Math.min(after.height + most, head.tip.height);
  const settled = Math.min(head.final, head.tip.height - source.network.finality.depth);
  if (after.height < settled) {
    const reading = await readSettled(source, { after, to: Math.min(to, settled) }, wanted, signal);
    if (reading) return reading;
  }
  return readFresh(source, { after, head, to }, wanted, signal);
}

/**
 * Null when the provider takes no batches, without which an empty answer to a range proves nothing. Where the network's
 * own coin is watched, the blocks in between are walked all the same: it is in no log.
 */
async function readSettled(
  source: Source,
  range: { after: Position; to: number },
  { filters, native }: Wanted,
  signal: AbortSignal,
): Promise<Reading | null> {
  const { after } = range;
  const to = native.length > 0 ? Math.min(range.to, after.height + walkedAtOnce(source)) : range.to;
  if (await hasLeft(source, after, signal)) return { kind: 'diverged' };
  const found = await searchRanges(source, { from: after.height + 1, to }, filters, signal);
  if (!found) return null;
  const { through, answers } = found;
  const logs = answers.flatMap(answer => paymentsIn(answer.logs, answer.filter.tokens));
  const blocks =
    native.length > 0
      ? await walkFrom(source, { after, through }, signal)
      : await headersOf(source, { logs, through }, signal);
  const byHeight = new Map([...blocks, through].map(block => [block.height, block]));
  await proveKnown(source, { blocks: [...byHeight.values()], filters, answers }, signal);
  const sent = await readNative(source, blocks, native, signal);
  return {
    kind: 'read',
    through,
    blocks: [through],
    transfers: toTransfers({ native: sent, logs }, byHeight, source.spelling),
  };
}

/** Holds the answers to a range against the headers that are known of it. */
async function proveKnown(
  { rpc, network }: Source,
  known: { blocks: readonly Block[]; filters: readonly LogFilter[]; answers: readonly Answer[] },
  signal: AbortSignal,
): Promise<void> {
  const { filters, answers } = known;
  const blocks = known.blocks.toSorted((a, b) => a.height - b.height);
  requireTimeOrder(network, blocks);
  const questions = blocks.flatMap(block => filters.map(filter => ({ block, filter })));
  await mapBounded(
    questions,
    ({ block, filter }, linked) => {
      const own = answers.filter(answer => answer.filter === filter).flatMap(answer => answer.logs);
      const logs = own.filter(log => log.height === block.height);
      return proveLogs(rpc, { block, filter, logs }, linked);
    },
    signal,
  );
}

/** The headers of the blocks that have a log, but that of `through`. */
function headersOf(
  { rpc, clock }: Source,
  { logs, through }: { logs: readonly Found[]; through: Block },
  signal: AbortSignal,
): Promise<Block[]> {
  const heights = new Set(logs.map(log => log.height));
  heights.delete(through.height);
  return mapBounded([...heights], (height, linked) => requireBlock(rpc, height, linked, clock), signal);
}

/** The whole blocks that lead from `after` to `through`. */
async function walkFrom(
  source: Source,
  { after, through }: { after: Position; through: Block },
  signal: AbortSignal,
): Promise<Block[]> {
  const range = { from: after.height + 1, to: through.height, tip: through };
  const blocks = await walk(source, range, 'whole', signal);
  if (blocks[0]?.parent !== after.hash) throw moved();
  return blocks;
}

async function readFresh(
  source: Source,
  range: { after: Position; head: Head; to: number },
  { filters, native }: Wanted,
  signal: AbortSignal,
): Promise<Reading> {
  const { after, head } = range;
  const to = Math.min(range.to, after.height + walkedAtOnce(source));
  const body = native.length > 0 ? 'whole' : 'ids';
  const blocks = await walk(source, { from: after.height + 1, to, tip: head.tip }, body, signal);
  const [first] = blocks;
  const through = blocks.at(-1);
  if (!first || !through) throw new RangeError('a reading of no blocks');
  if (first.parent !== after.hash) return diverged(source, after, signal);
  const questions = blocks.flatMap(block => filters.map(filter => ({ block, filter })));
  const answers = await mapBounded(
    questions,
    async ({ block, filter }, linked) => {
      const logs = await logsAt(source.rpc, { block, filter }, linked);
      await proveLogs(source.rpc, { block, filter, logs }, linked);
      return paymentsIn(logs, filter.tokens);
    },
    signal,
  );
  const sent = await readNative(source, blocks, native, signal);
  const byHeight = new Map(blocks.map(block => [block.height, block]));
  return {
    kind: 'read',
    through,
    blocks: blocks.filter(block => block.height >= head.final || block === through),
    transfers: toTransfers({ native: sent, logs: answers.flat() }, byHeight, source.spelling),
  };
}

/** The blocks of an inclusive range, each proved to be the parent of the next. */
async function walk(
  source: Source,
  range: { from: number; to: number; tip: Block },
  body: 'ids' | 'whole',
  signal: AbortSignal,
): Promise<Block[]> {
  const { from, to, tip } = range;
  const heights = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const blocks = await mapBounded(
    heights,
    async (height, linked) =>
      height === tip.height ? tip : requireBlock(source.rpc, height, linked, source.clock, body),
    signal,
  );
  const broken = blocks.some((block, index) => index > 0 && block.parent !== blocks[index - 1]?.hash);
  if (broken) throw moved();
  requireTimeOrder(source.network, blocks);
  return blocks;
}

/**
 * What a block that does not follow on `after` means: a divergence if the provider's own chain has another block there,
 * else one answer was of a fork, as happens behind a balancer, and the next try will tell.
 */
async function diverged(source: Source, after: Position, signal: AbortSignal): Promise<Reading> {
  if (await hasLeft(source, after, signal)) return { kind: 'diverged' };
  throw moved();
}

/** Whether the provider now has another block at the height of `position`. */
async function hasLeft(source: Source, position: Position, signal: AbortSignal): Promise<boolean> {
  const block = await requireBlock(source.rpc, position.height, signal, source.clock);
  return block.hash !== position.hash;
}

const moved = () => new ChainError('the chain moved while it was read', { retryable: true });
