/** Transfer logs of a long range of settled blocks, in as few questions as the provider's own limits let through. */
import type { Network } from '../domain/asset.ts';
import { logsAt } from './block-logs.ts';
import { mapBounded } from './bounded.ts';
import { type Block, ChainError } from './chain.ts';
import { askedLogs, type Log, type LogFilter, logsCall } from './erc20-logs.ts';
import { blockCall, type Clock, decodeBlock, requireBlock } from './eth-block.ts';
import { callTogether, type JsonRpc } from './json-rpc.ts';
import { isTooMuch, narrowerSpan } from './log-limits.ts';

type Source = { rpc: JsonRpc; network: Network; clock: Clock };
type Range = { from: number; to: number };
/** The logs that one question was answered with, whether they pay or not. */
export type Answer = { filter: LogFilter; logs: Log[] };
type Searched = { through: Block; answers: Answer[] };

/** Bounds one search; 5,000 blocks halved down to one take 13. What was found until then is given, and `through` says how far. */
const questionsAtOnce = 20;

/** Searches `range` (inclusive) from its low end. Null when the provider takes no batches. */
export async function searchRanges(
  source: Source,
  range: Range,
  filters: readonly LogFilter[],
  signal: AbortSignal,
): Promise<Searched | null> {
  let span = source.network.logSpan;
  let from = range.from;
  let through: Block | null = null;
  const answers: Answer[] = [];
  for (let asked = 0; asked < questionsAtOnce && from <= range.to; asked++) {
    const part = { from, to: Math.min(from + span - 1, range.to) };
    try {
      const answer = await searchPart(source, part, filters, signal);
      if (!answer) return through && { through, answers };
      answers.push(...answer.answers);
      through = answer.through;
      from = part.to + 1;
    } catch (error) {
      const narrower = narrowerSpan(error, part);
      if (narrower === null) throw error;
      span = narrower;
    }
  }
  if (!through) throw new ChainError('no log query is narrow enough for the provider', { retryable: true });
  return { through, answers };
}

/** One range; of a single block that holds too much for one answer, however that can be had. */
async function searchPart(
  source: Source,
  part: Range,
  filters: readonly LogFilter[],
  signal: AbortSignal,
): Promise<Searched | null> {
  try {
    return await searchRange(source, part, filters, signal);
  } catch (error) {
    if (part.from < part.to || !isTooMuch(error)) throw error;
  }
  const block = await requireBlock(source.rpc, part.to, signal, source.clock);
  const answers = await mapBounded(
    filters,
    async (filter, linked) => ({ filter, logs: await logsAt(source.rpc, { block, filter }, linked) }),
    signal,
  );
  return { through: block, answers };
}

/**
 * One range, all recipients. Each question carries the range's last header along: a node that is not that far yet has
 * no such block, which tells its empty list from a true one.
 */
async function searchRange(
  source: Source,
  range: Range,
  filters: readonly LogFilter[],
  signal: AbortSignal,
): Promise<Searched | null> {
  const { rpc, clock } = source;
  if (filters.length === 0) return { through: await requireBlock(rpc, range.to, signal, clock), answers: [] };
  const answers = await mapBounded(
    filters,
    async (filter, linked) => {
      const pair = await callTogether(rpc, [logsCall(range, filter), blockCall(range.to)], linked);
      const [logs, last] = pair ?? [];
      if (!logs || !last) return null;
      if (!logs.ok) throw logs.fault;
      if (!last.ok) throw last.fault;
      const through = decodeBlock(last.value, range.to, clock);
      if (!through)
        throw new ChainError(`the provider answers for block ${range.to} without having it`, {
          retryable: true,
        });
      return { through, filter, logs: askedLogs(logs.value, range, filter) };
    },
    signal,
  );
  const parts = answers.filter(answer => answer !== null);
  const [first] = parts;
  if (!first || parts.length < answers.length) return null;
  if (parts.some(part => part.through.hash !== first.through.hash))
    throw new ChainError('the chain moved while it was searched', { retryable: true });
  return { through: first.through, answers: parts.map(({ filter, logs }) => ({ filter, logs })) };
}
