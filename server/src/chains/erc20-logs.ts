/**
 * ERC-20 Transfer logs: the question put to a node, and its answer read without believing it. A log that was not asked
 * for is a fault of the provider; a log that was asked for but is no payment (an ERC-721 transfer has the same first
 * topic, zero-value transfers poison histories) is passed over.
 */
import type { Token } from '../domain/asset.ts';
import { Untrusted, type Watched } from './chain.ts';
import type { Found } from './erc20-transfers.ts';
import { data, malformed, quantity, toQuantity } from './eth-block.ts';
import type { Call } from './json-rpc.ts';
import { isRecord } from './json-rpc-answer.ts';

/** keccak256("Transfer(address,address,uint256)"), https://eips.ethereum.org/EIPS/eip-20 */
const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

/** Nodes take about a thousand alternatives in one topic; half of that keeps every request small. */
const recipientsAtOnce = 500;

/** Blocks to search: one by its hash, which a node that does not have it must refuse (EIP-234), or an inclusive range. */
export type LogScope = { blockHash: string } | { from: number; to: number };

/** One question's worth of what is watched: tokens by contract, recipients as 32-byte topics. */
export type LogFilter = { tokens: ReadonlyMap<string, Token>; recipients: ReadonlySet<string> };

/**
 * What is watched in as few questions as the providers' limits allow; none when nothing is watched. `digits` gives the
 * 40 hex digits of an address key.
 */
export function logFilters(
  watched: Pick<Watched, 'tokens' | 'recipients'>,
  digits: (key: string) => string,
): LogFilter[] {
  const topics = [...new Set(watched.recipients.map(key => topicOf(digits(key))))];
  const tokens = byContract(watched.tokens);
  if (tokens.size === 0) return [];
  const chunks = Math.ceil(topics.length / recipientsAtOnce);
  return Array.from({ length: chunks }, (_, index) => {
    const start = index * recipientsAtOnce;
    return { tokens, recipients: new Set(topics.slice(start, start + recipientsAtOnce)) };
  });
}

export const byContract = (tokens: readonly Token[]): ReadonlyMap<string, Token> =>
  new Map(tokens.map(token => [token.contract.toLowerCase(), token]));

const topicOf = (digits: string) => `0x${digits.toLowerCase().padStart(64, '0')}`;

export function logsCall(scope: LogScope, filter: LogFilter): Call {
  const blocks =
    'blockHash' in scope ? scope : { fromBlock: toQuantity(scope.from), toBlock: toQuantity(scope.to) };
  const address = [...filter.tokens.keys()];
  const topics = [transferTopic, null, [...filter.recipients]];
  return { method: 'eth_getLogs', params: [{ ...blocks, address, topics }] };
}

/**
 * The logs in an eth_getLogs answer, whether they pay or not. Throws a ChainError when it is malformed or holds what was not
 * asked for.
 */
export function askedLogs(raw: unknown, scope: LogScope, filter: LogFilter): Log[] {
  const logs = distinctLogs(raw);
  for (const log of logs) requireAsked(log, scope, filter);
  return logs;
}

/** The logs of one receipt that a question would have found. Throws a ChainError when they are malformed. */
export const findAsked = (raw: unknown, filter: LogFilter): Log[] =>
  distinctLogs(raw).filter(log => isAsked(log, filter));

/**
 * The payments of `tokens` among the logs of one transaction's receipt, which holds whatever else the transaction did.
 * Throws a ChainError when they are malformed or belong to another transaction or block.
 */
export function decodeReceiptLogs(
  raw: unknown,
  home: { txHash: string; blockHash: string; height: number },
  tokens: readonly Token[],
): Found[] {
  const logs = distinctLogs(raw);
  for (const log of logs) {
    if (log.txHash !== home.txHash) throw malformed('a log of another transaction than asked');
    if (log.blockHash !== home.blockHash || log.height !== home.height)
      throw malformed("a log of another block than its transaction's");
  }
  return paymentsIn(logs, byContract(tokens));
}

/**
 * Every log once: one given twice must not become two payments. One that is marked as taken back has no place in the
 * answer to a question about the chain as it is; its block is being undone, and the answer is not to be built on.
 */
function distinctLogs(raw: unknown): Log[] {
  if (!Array.isArray(raw)) throw malformed('something else than a list of logs');
  const seen = new Map<string, string>();
  const distinct: Log[] = [];
  for (const item of raw) {
    const log = decodeLog(item);
    if (log.removed) throw malformed('a log that was taken back');
    const place = `${log.blockHash} ${log.txHash} ${log.logIndex}`;
    const content = JSON.stringify(log);
    const before = seen.get(place);
    if (before !== undefined && before !== content)
      throw new Untrusted('contradiction', 'the provider sent two logs with one index');
    seen.set(place, content);
    if (before === undefined) distinct.push(log);
  }
  return distinct;
}

export type Log = {
  address: string;
  topics: string[];
  body: string;
  txHash: string;
  blockHash: string;
  height: number;
  logIndex: number;
  removed: boolean;
};

function decodeLog(raw: unknown): Log {
  if (!isRecord(raw) || !Array.isArray(raw.topics)) throw malformed('a malformed log');
  const { data: body, topics, removed } = raw;
  if (typeof body !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(body)) throw malformed('malformed log data');
  return {
    address: data(raw.address, 20, 'log address'),
    topics: topics.map(topic => data(topic, 32, 'log topic')),
    body: body.toLowerCase(),
    txHash: data(raw.transactionHash, 32, 'transaction hash'),
    blockHash: data(raw.blockHash, 32, 'block hash of a log'),
    height: quantity(raw.blockNumber, 'block number of a log'),
    logIndex: quantity(raw.logIndex, 'log index'),
    removed: removed === true,
  };
}

function requireAsked(log: Log, scope: LogScope, filter: LogFilter) {
  const inScope =
    'blockHash' in scope
      ? log.blockHash === scope.blockHash
      : log.height >= scope.from && log.height <= scope.to;
  if (!inScope) throw unasked('of another block');
  if (!filter.tokens.has(log.address)) throw unasked('of another contract');
  if (!isAsked(log, filter)) throw unasked('with other topics');
}

const unasked = (what: string) =>
  new Untrusted('contradiction', `the provider sent a log ${what} than asked`);

function isAsked({ address, topics }: Log, { tokens, recipients }: LogFilter): boolean {
  const [kind, , recipient] = topics;
  return (
    tokens.has(address) && kind === transferTopic && recipient !== undefined && recipients.has(recipient)
  );
}

export const paymentsIn = (logs: readonly Log[], tokens: ReadonlyMap<string, Token>): Found[] =>
  logs.flatMap(log => paymentIn(log, tokens) ?? []);

/** Exactly three topics and one word of data, and more than nothing moved: an ERC-20 transfer that pays. */
function paymentIn(log: Log, tokens: ReadonlyMap<string, Token>): Found | null {
  const token = tokens.get(log.address);
  const [kind, from, to] = log.topics;
  if (!token || kind !== transferTopic || !from || !to) return null;
  if (log.topics.length !== 3 || log.body.length !== 66) return null;
  const units = BigInt(log.body);
  if (units === 0n) return null;
  const { txHash, blockHash, height, logIndex } = log;
  return {
    asset: token.asset,
    from: from.slice(-40),
    to: to.slice(-40),
    units,
    txHash,
    blockHash,
    height,
    place: logIndex,
  };
}
