/**
 * What a header says of its block's contents: the bloom of its logs and the ids of its transactions. It is kept beside
 * the block, out of the interface that all chains share, and serves one purpose: a provider's log answer is held
 * against the header that the same provider gave.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Block } from './chain.ts';
import type { Log, LogFilter } from './erc20-logs.ts';
import { isRecord } from './json-rpc-answer.ts';

const BLOOM_BYTES = 256;
const BLOOM_BITS = BLOOM_BYTES * 8;
/** A bloom that would name a wallet by chance in more than one block of a hundred proves nothing. */
const tolerableChance = 0.01;

type Evidence = {
  bloom: Uint8Array | null;
  transactions: ReadonlySet<string> | null;
  /** The whole transactions as they came, where the block was asked for with them. */
  bodies: readonly Record<string, unknown>[] | null;
  /** Whether the root of its transactions is that of none; null where it is of another kind, as on Tron. */
  hasNone: boolean | null;
};
const nothing: Evidence = { bloom: null, transactions: null, bodies: null, hasNone: null };

/** keccak256 of the RLP of nothing: the root of an empty trie (https://ethereum.github.io/yellowpaper/paper.pdf, 4.3). */
const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

const evidences = new WeakMap<Block, Evidence>();

/**
 * Remembers what a block holds, which came with its transactions or with their ids. Of what is missing or of another form
 * nothing can be said.
 */
export function noteEvidence(block: Block, raw: Record<string, unknown>): void {
  const listed = Array.isArray(raw.transactions) ? raw.transactions : null;
  const bodies = listed?.filter(isRecord) ?? null;
  const ids =
    listed?.map(one => (isRecord(one) ? one.hash : one)).filter(id => typeof id === 'string') ?? null;
  evidences.set(block, {
    bloom: bloomIn(raw.logsBloom),
    transactions: ids?.length === listed?.length ? ids && new Set(ids.map(id => id.toLowerCase())) : null,
    bodies: bodies?.length === listed?.length ? bodies : null,
    hasNone: typeof raw.transactionsRoot === 'string' ? noneBy(raw.transactionsRoot, raw) : null,
  });
}

/**
 * java-tron's roots are of another kind: that of its transactions is zero where there are none, and that of its receipts is
 * zero always, or left out (BlockResult.java).
 */
function noneBy(root: string, { receiptsRoot }: Record<string, unknown>): boolean | null {
  if (root.toLowerCase() === EMPTY_ROOT) return true;
  return isRoot(root) && isRoot(receiptsRoot) ? false : null;
}

const isRoot = (text: unknown) =>
  typeof text === 'string' && /^0x[0-9a-f]{64}$/i.test(text) && !/^0x0+$/.test(text);

/** Whether the header has transactions and the body none, or the other way round. */
export function contradictsRoot(block: Block): boolean {
  const { bodies, hasNone } = evidences.get(block) ?? nothing;
  return bodies !== null && hasNone !== null && hasNone !== (bodies.length === 0);
}

/** The transactions of a block that was asked for with them; null of one that was not. */
export const bodiesOf = (block: Block) => evidences.get(block)?.bodies ?? null;

/** The ids of a block's transactions, in lower case with 0x; null where they are not known. */
export const transactionIdsOf = (block: Block) => evidences.get(block)?.transactions ?? null;

/** java-tron fills the field with zeros whatever is in the block. */
function bloomIn(text: unknown): Uint8Array | null {
  if (typeof text !== 'string' || text.length !== 2 + BLOOM_BYTES * 2) return null;
  if (!/^0x[0-9a-f]+$/i.test(text) || /^0x0+$/.test(text)) return null;
  return hexToBytes(text.slice(2));
}

/** Whether the header rules a log out: its transaction is not in the block, or its address or a topic not in the bloom. */
export function isRuledOut(block: Block, log: Log): boolean {
  const { bloom, transactions } = evidences.get(block) ?? nothing;
  if (transactions && !transactions.has(log.txHash)) return true;
  return bloom !== null && ![log.address, ...log.topics].every(item => holds(bloom, item));
}

/**
 * Whether the header speaks of a log to a recipient of `filter` that `logs`, the answer to it, do not have. A bloom can
 * name what is not there; where that is likely, because it is full or many are asked for, it is not listened to.
 */
export function missesLogs(block: Block, filter: LogFilter, logs: readonly Log[]): boolean {
  const bloom = evidences.get(block)?.bloom;
  if (!bloom) return false;
  if (density(bloom) ** 3 * filter.recipients.size > tolerableChance) return false;
  if (![...filter.tokens.keys()].some(contract => holds(bloom, contract))) return false;
  const found = new Set(logs.map(log => log.topics[2]));
  return [...filter.recipients].some(topic => !found.has(topic) && holds(bloom, topic));
}

function density(bloom: Uint8Array): number {
  let bits = 0;
  for (let byte of bloom) for (; byte > 0; byte >>= 1) bits += byte & 1;
  return bits / BLOOM_BITS;
}

/** Three bits an item, each of eleven bits of its hash (https://ethereum.github.io/yellowpaper/paper.pdf, 4.3.1). */
function holds(bloom: Uint8Array, item: string): boolean {
  const hash = keccak_256(hexToBytes(item.slice(2)));
  return [0, 2, 4].every(at => {
    const bit = (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) % BLOOM_BITS;
    return ((bloom[BLOOM_BYTES - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0;
  });
}
