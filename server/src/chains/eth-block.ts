/** Block headers and the hexadecimal forms of the Ethereum JSON-RPC, which java-tron speaks too. */
import { noteEvidence } from './block-evidence.ts';
import { type Block, ChainError, type Position } from './chain.ts';
import { call, type JsonRpc } from './json-rpc.ts';
import { isRecord } from './json-rpc-answer.ts';

/** `time` turns a header's `timestamp` into milliseconds. */
export type Clock = { time(timestamp: number): number };

export const malformed = (what: string) => new ChainError(`the provider sent ${what}`, { retryable: true });

/** A QUANTITY as a number; heights, indexes and times stay far below 2^53. */
export function quantity(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw malformed(`a malformed ${name}`);
  return number;
}

/** DATA of exactly `bytes` bytes, in lower case with its 0x. */
export function data(value: unknown, bytes: number, name: string): string {
  if (typeof value === 'string' && value.length === 2 + bytes * 2 && /^0x[0-9a-f]*$/i.test(value))
    return value.toLowerCase();
  throw malformed(`a malformed ${name}`);
}

/** The last moment that a date of four digits can say, in ms. What is later no database would take. */
const LAST_MOMENT = Date.UTC(9999, 11, 31);

/** The time of a block in ms. Throws a ChainError where it can be none. */
export function blockTime(time: number): number {
  if (time > LAST_MOMENT) throw malformed('a malformed block time');
  return time;
}

export const toQuantity = (value: number) => `0x${value.toString(16)}`;

/** How a block is asked for: its header with the ids of its transactions, or with the whole of them. */
type Body = 'ids' | 'whole';

/** The block at a height or tag; null where the provider has none. */
export async function fetchBlock(
  rpc: JsonRpc,
  at: number | 'latest' | 'finalized',
  signal: AbortSignal,
  clock: Clock,
  body: Body = 'ids',
): Promise<Block | null> {
  return decodeBlock(await call(rpc, blockCall(at, body), signal), at, clock);
}

/** The block of a hash with its whole transactions, which must be on the provider that gave the hash. */
export async function fetchWhole(
  { rpc, clock }: { rpc: JsonRpc; clock: Clock },
  { hash, height }: Position,
  signal: AbortSignal,
): Promise<Block> {
  const asked = { method: 'eth_getBlockByHash', params: [hash, true] };
  const block = decodeBlock(await call(rpc, asked, signal), height, clock);
  if (!block) throw new ChainError(`the provider no longer has its block ${height}`, { retryable: true });
  if (block.hash !== hash) throw malformed('another block than the one asked for');
  return block;
}

export const blockCall = (at: number | string, body: Body = 'ids') => ({
  method: 'eth_getBlockByNumber',
  params: [typeof at === 'number' ? toQuantity(at) : at, body === 'whole'],
});

/** Checks a header and takes what we use of it; `at` is the height it must have, or the tag it was asked by. */
export function decodeBlock(raw: unknown, at: number | string, clock: Clock): Block | null {
  if (raw === null) return null;
  if (!isRecord(raw)) throw malformed('a malformed block');
  const block = {
    height: quantity(raw.number, 'block number'),
    hash: data(raw.hash, 32, 'block hash'),
    parent: data(raw.parentHash, 32, 'parent hash'),
    time: blockTime(clock.time(quantity(raw.timestamp, 'block time'))),
  };
  if (typeof at === 'number' && block.height !== at) throw malformed('another block than the one asked for');
  noteEvidence(block, raw);
  return block;
}

/** The block at a height that must exist, because it is at or below the provider's own head. */
export async function requireBlock(
  rpc: JsonRpc,
  height: number,
  signal: AbortSignal,
  clock: Clock,
  body: Body = 'ids',
): Promise<Block> {
  const block = await fetchBlock(rpc, height, signal, clock, body);
  if (!block)
    throw new ChainError(`the provider has no block ${height}, below its own head`, { retryable: true });
  return block;
}
