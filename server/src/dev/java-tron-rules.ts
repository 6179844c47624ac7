/**
 * What java-tron's Ethereum-compatible JSON-RPC refuses and anvil does not, as decisions without network. Texts, codes
 * and limits are those of java-tron 4.8.2 with its default configuration (LogFilter, LogFilterWrapper, JsonRpcApiUtil,
 * JsonRpcServlet in github.com/tronprotocol/java-tron), where every error comes with HTTP 200.
 */

export type RpcCall = { id: unknown; method: string; params: readonly unknown[] };

/** An error object. `data` is the text "{}" in all errors of a method, and absent in those of the server around it. */
export type TronFault = { code: number; message: string; data?: '{}' };

const largestBatch = 100;
export const largestAnswer = 25 * 1024 * 1024;
const largestSpan = 5000;
const mostLogs = 10_000;
const mostAddresses = 1000;
const mostTopics = 1000;

const invalid = (message: string): TronFault => ({ code: -32602, message, data: '{}' });

/** Where each method takes its block, by position of the parameter. */
const blockParameter: Record<string, number> = {
  eth_getBlockByNumber: 0,
  eth_getBlockTransactionCountByNumber: 0,
  eth_getTransactionByBlockNumberAndIndex: 0,
  eth_getBlockReceipts: 0,
};
const stateParameter: Record<string, number> = {
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_call: 1,
  eth_getStorageAt: 2,
};

/** Judges a call by itself; null lets it pass. Log queries are judged by logRange as well. */
export function refuse(call: RpcCall): TronFault | null {
  const block = blockParameter[call.method];
  if (block !== undefined) return refuseTag(call.params[block]);
  const state = stateParameter[call.method];
  if (state !== undefined) return refuseState(call.params[state]);
  return call.method === 'eth_getLogs' ? refuseFilter(filterOf(call)) : null;
}

function refuseTag(block: unknown): TronFault | null {
  return block === 'safe' || block === 'pending' ? invalid(`TAG ${block} not supported`) : null;
}

/** The node keeps only the newest state. An object in place of a tag passes, as it does there. */
function refuseState(block: unknown): TronFault | null {
  if (typeof block !== 'string' || block === 'latest') return null;
  if (['earliest', 'pending', 'finalized', 'safe'].includes(block)) {
    return invalid('TAG [earliest | pending | finalized | safe] not supported');
  }
  if (number(block) === null) return invalid('invalid block number');
  return invalid('QUANTITY not supported, just support TAG as latest');
}

export type LogFilter = {
  address?: unknown;
  topics?: unknown;
  blockHash?: unknown;
  fromBlock?: unknown;
  toBlock?: unknown;
};

export function filterOf(call: RpcCall): LogFilter {
  const [filter] = call.params;
  return typeof filter === 'object' && filter !== null ? filter : {};
}

function refuseFilter(filter: LogFilter): TronFault | null {
  if (Array.isArray(filter.address) && filter.address.length > mostAddresses) {
    return invalid(`exceed max addresses: ${mostAddresses}`);
  }
  if (Array.isArray(filter.topics)) {
    if (filter.topics.length > 4) return invalid('topics size should be <= 4');
    if (filter.topics.some(slot => Array.isArray(slot) && slot.length > mostTopics)) {
      return invalid(`exceed max topics: ${mostTopics}`);
    }
  }
  if (!isEmpty(filter.blockHash)) {
    return isEmpty(filter.fromBlock) && isEmpty(filter.toBlock)
      ? null
      : invalid('cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other');
  }
  return refuseTag(filter.fromBlock) ?? refuseTag(filter.toBlock);
}

/** The blocks a log query covers, `to` cut at the head; `from` beyond the head is an empty answer, not an error. */
export type LogRange =
  | { kind: 'range'; from: number; to: number }
  | { kind: 'empty' }
  | { kind: 'refused'; fault: TronFault };

/**
 * Works out the blocks of a query without block hash. `latest` as the end means "and whatever comes", so it never makes a
 * query too wide by itself; a query over 5001 blocks passes, since the node compares the difference.
 */
export function logRange(filter: LogFilter, chain: { head: number; finalized: number }): LogRange {
  const from = isEmpty(filter.fromBlock)
    ? 'none'
    : height(filter.fromBlock, { ...chain, latest: chain.head });
  const to = isEmpty(filter.toBlock) ? Infinity : height(filter.toBlock, { ...chain, latest: Infinity });
  if (from === null || to === null) return { kind: 'refused', fault: invalid('invalid block number') };
  const first = from === 'none' ? Math.min(to, chain.head) : from;
  if (first > to) return { kind: 'refused', fault: invalid('please verify: fromBlock <= toBlock') };
  if (Math.min(to, chain.head) - first > largestSpan) {
    return { kind: 'refused', fault: invalid(`exceed max block range: ${largestSpan}`) };
  }
  return first > chain.head
    ? { kind: 'empty' }
    : { kind: 'range', from: first, to: Math.min(to, chain.head) };
}

/** Judges the answer of a log query. */
export function refuseLogs(logs: unknown): TronFault | null {
  if (!Array.isArray(logs) || logs.length <= mostLogs) return null;
  return { code: -32005, message: `query returned more than ${mostLogs} results`, data: '{}' };
}

/** Judges a batch as a whole; the answer to it is one error, not a list. */
export function refuseBatch(size: number): TronFault | null {
  if (size === 0) return { code: -32600, message: 'Invalid Request' };
  if (size <= largestBatch) return null;
  return { code: -32005, message: `Batch size ${size} exceeds the limit of ${largestBatch}` };
}

export const unreadable: TronFault = { code: -32700, message: 'JSON parse error' };

export const tooLarge: TronFault = {
  code: -32003,
  message: `Response byte size exceeds the limit of ${largestAnswer}`,
};

function height(block: unknown, tags: { latest: number; finalized: number }): number | null {
  if (block === 'latest') return tags.latest;
  if (block === 'earliest') return 0;
  if (block === 'finalized') return tags.finalized;
  return number(block);
}

/** Heights may be hex with 0x or decimal. */
function number(text: unknown): number | null {
  return typeof text === 'string' && /^(0x[0-9a-f]{1,13}|[0-9]{1,15})$/i.test(text) ? Number(text) : null;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
