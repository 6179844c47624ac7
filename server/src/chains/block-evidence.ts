/**
 * What a header says of its block's contents: the bloom of its logs and the ids of its transactions. It is kept beside
 * the block, out of the interface that all chains share, and serves one purpose: a provider's log answer is held
 * against the header that the same provider gave.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Block } from './chain.ts';
import type { Log, LogFilter } from './erc20-logs.ts';

const BLOOM_BYTES = 256;
const BLOOM_BITS = BLOOM_BYTES * 8;
/** A bloom that would name a wallet by chance in more than one block of a hundred proves nothing. */
const tolerableChance = 0.01;

type Evidence = { bloom: Uint8Array | null; transactions: ReadonlySet<string> | null };

const evidences = new WeakMap<Block, Evidence>();

/** Remembers what a header holds. Of what is missing or of another form nothing can be said. */
export function noteEvidence(block: Block, header: Record<string, unknown>): void {
  const { logsBloom, transactions } = header;
  const ids = Array.isArray(transactions) ? transactions.filter(id => typeof id === 'string') : null;
  evidences.set(block, {
    bloom: bloomIn(logsBloom),
    transactions:
      ids && ids.length === (transactions as unknown[]).length
        ? new Set(ids.map(id => id.toLowerCase()))
        : null,
  });
}

/** java-tron fills the field with zeros whatever is in the block. */
function bloomIn(text: unknown): Uint8Array | null {
  if (typeof text !== 'string' || text.length !== 2 + BLOOM_BYTES * 2) return null;
  if (!/^0x[0-9a-f]+$/i.test(text) || /^0x0+$/.test(text)) return null;
  return hexToBytes(text.slice(2));
}

/** Whether the header rules a log out: its transaction is not in the block, or its address or a topic not in the bloom. */
export function isRuledOut(block: Block, log: Log): boolean {
  const { bloom, transactions } = evidences.get(block) ?? { bloom: null, transactions: null };
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
