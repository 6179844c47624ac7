/** The blocks after a position by the HTTP API: every block whole, with the results of all its transactions. */
import type { Network } from '../../domain/asset.ts';
import { requireTimeOrder } from '../block-times.ts';
import { mapBounded } from '../bounded.ts';
import { ChainError, type Head, type Position, type Reading, type Watched } from '../chain.ts';
import { byContract, type Log, paymentsIn } from '../erc20-logs.ts';
import { type Spelling, toTransfers } from '../erc20-transfers.ts';
import { malformed } from '../eth-block.ts';
import type { Endpoint } from '../http-post.ts';
import { ask } from './http-api.ts';
import { decodeHttpBlock, decodeResult, type HttpBlock, paidIn, toLogs } from './http-block.ts';

/** A block with its results is two calls, and half a megabyte on a busy day. */
const blocksAtOnce = 20;

type Range = { after: Position; head: Head; limit: number };

/** See Chain.read. With nothing new after `after`, `through` is the tip itself and `blocks` is empty. */
export async function readBlocksAfter(
  { node, network, spelling }: { node: Endpoint; network: Network; spelling: Spelling },
  { after, head, limit }: Range,
  watched: Watched,
  signal: AbortSignal,
): Promise<Reading> {
  if (!(limit >= 1)) throw new RangeError('a reading needs a limit of at least one block');
  if (after.height > head.tip.height)
    throw new ChainError(`the provider is behind: its head is ${head.tip.height}`, { retryable: true });
  if (after.height === head.tip.height)
    return after.hash === head.tip.hash
      ? { kind: 'read', through: head.tip, blocks: [], transfers: [] }
      : diverged(node, after, signal);
  const most = Math.max(1, Math.min(blocksAtOnce, Math.floor(node.pace.atOnce / 2)));
  const count = Math.min(Math.floor(limit), most, head.tip.height - after.height);
  const heights = Array.from({ length: count }, (_, index) => after.height + 1 + index);
  const read = await mapBounded(heights, (height, linked) => blockWithLogs(node, height, linked), signal);
  const blocks = read.map(one => headerOf(one.block));
  const [first] = blocks;
  const through = blocks.at(-1);
  if (!first || !through) throw new RangeError('a reading of no blocks');
  if (first.parent !== after.hash) return diverged(node, after, signal);
  const broken = blocks.some((block, index) => index > 0 && block.parent !== blocks[index - 1]?.hash);
  if (broken || (through.height === head.tip.height && through.hash !== head.tip.hash)) throw moved();
  requireTimeOrder(network, blocks);
  const recipients = new Set(watched.recipients.map(spelling.digits));
  const logs = read.flatMap(one => paymentsIn(one.logs, byContract(watched.tokens)));
  const byHeight = new Map(blocks.map(block => [block.height, block]));
  const native = new Set(watched.native.map(spelling.digits));
  const found = {
    native: read.flatMap(one => paidIn(one.block, native)),
    logs: logs.filter(log => recipients.has(log.to)),
  };
  const transfers = toTransfers(found, byHeight, spelling);
  const kept = blocks.filter(block => block.height >= head.final || block === through);
  return { kind: 'read', through, blocks: kept, transfers };
}

/** Null where the provider has no block at the height. */
export const fetchHttpBlock = async (node: Endpoint, height: number, signal: AbortSignal) =>
  decodeHttpBlock(await ask(node, '/wallet/getblockbynum', { num: height }, signal), height);

export const headerOf = ({ height, hash, parent, time }: HttpBlock) => ({ height, hash, parent, time });

/**
 * Block and results are two questions, and the results name no block: they are those of this block only when they are of
 * exactly its transactions. A node behind a balancer that is not that far yet gives an empty list.
 */
async function blockWithLogs(
  node: Endpoint,
  height: number,
  signal: AbortSignal,
): Promise<{ block: HttpBlock; logs: Log[] }> {
  const block = await fetchHttpBlock(node, height, signal);
  if (!block)
    throw new ChainError(`the provider has no block ${height}, below its own head`, { retryable: true });
  if (block.transactions.size === 0) return { block, logs: [] };
  const answer = await ask(node, '/wallet/gettransactioninfobyblocknum', { num: height }, signal);
  if (!Array.isArray(answer)) throw malformed('something else than a list of transaction results');
  const results = new Map(answer.flatMap(raw => decodeResult(raw) ?? []).map(one => [one.txId, one]));
  const logs: Log[] = [];
  for (const [txId, { succeeded }] of block.transactions) {
    const result = results.get(txId);
    if (result?.height !== height || answer.length !== block.transactions.size)
      throw malformed(`the results of other transactions than those of block ${height}`);
    if (succeeded === result.failed)
      throw malformed(`a transaction at block ${height} that succeeded and failed`);
    logs.push(...toLogs(block, result, logs.length));
  }
  return { block, logs };
}

async function diverged(node: Endpoint, after: Position, signal: AbortSignal): Promise<Reading> {
  const block = await fetchHttpBlock(node, after.height, signal);
  if (block && block.hash !== after.hash) return { kind: 'diverged' };
  throw moved();
}

const moved = () => new ChainError('the chain moved while it was read', { retryable: true });
