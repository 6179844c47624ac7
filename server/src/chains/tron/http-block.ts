/**
 * Blocks and the results of transactions as a Tron full node gives them over HTTP. Hashes and ids come without 0x, and
 * keys whose value is zero or empty are left out. What is made of them has the same form as by JSON-RPC.
 */
import type { Block } from '../chain.ts';
import type { Log } from '../erc20-logs.ts';
import type { Found } from '../erc20-transfers.ts';
import { blockTime, malformed } from '../eth-block.ts';
import { isRecord } from '../json-rpc-answer.ts';
import { tronAddressKey } from './address.ts';

/** A payment in TRX: addresses are 40 lower-case hex digits, `units` sun. */
type Payment = { from: string; to: string; units: bigint };

/** Whether the block says that it succeeded, and what it pays in TRX. */
type TransactionOf = { succeeded: boolean; payment: Payment | null };

/** `transactions`: by id, without 0x, in the order of the block. */
export type HttpBlock = Block & { transactions: ReadonlyMap<string, TransactionOf> };

/** What became of one transaction. A failed one has no logs. */
export type TransactionResult = {
  txId: string;
  height: number;
  failed: boolean;
  logs: { address: string; topics: string[]; data: string }[];
};

/** Null for the empty object of a block that is not there. */
export function decodeHttpBlock(raw: unknown, at?: number): HttpBlock | null {
  if (!isRecord(raw)) throw malformed('a malformed block');
  if (raw.blockID === undefined) return null;
  const header = isRecord(raw.block_header) ? raw.block_header.raw_data : null;
  if (!isRecord(header)) throw malformed('a block without a header');
  const height = whole(header.number, 'block number');
  if (at !== undefined && height !== at) throw malformed('another block than the one asked for');
  return {
    height,
    hash: `0x${hex(raw.blockID, 64, 'block id')}`,
    parent: `0x${hex(header.parentHash, 64, 'parent hash')}`,
    time: blockTime(whole(header.timestamp, 'block time')),
    transactions: transactionsIn(raw.transactions, height),
  };
}

/**
 * What the first block gives out pays nobody's invoice, and its sender is no address: the genesis files name it by 23
 * characters.
 */
function transactionsIn(raw: unknown, height: number): Map<string, TransactionOf> {
  if (raw === undefined) return new Map();
  if (!Array.isArray(raw)) throw malformed('a malformed list of transactions');
  const transactions = new Map<string, TransactionOf>();
  for (const one of raw) {
    if (!isRecord(one)) throw malformed('a malformed transaction');
    const [ret] = Array.isArray(one.ret) ? one.ret : [];
    const result = isRecord(ret) ? ret.contractRet : undefined;
    const succeeded = result === undefined || result === 'SUCCESS';
    const payment = height === 0 ? null : paymentOf(one);
    transactions.set(hex(one.txID, 64, 'transaction id'), { succeeded, payment });
  }
  return transactions;
}

/**
 * What a transaction pays in TRX; null for every other contract, transfers of TRC-10 tokens (TransferAssetContract) among
 * them. JSON.parse has rounded an amount above 2^53 sun, nine milliards of TRX, which is no payment we could be sure of.
 */
export function paymentOf(transaction: Record<string, unknown>): Payment | null {
  const raw = isRecord(transaction.raw_data) ? transaction.raw_data.contract : null;
  const [contract, ...others] = Array.isArray(raw) ? raw : [];
  if (!isRecord(contract) || typeof contract.type !== 'string' || contract.type === '')
    throw malformed('a transaction without its contract');
  if (contract.type !== 'TransferContract' || others.length > 0) return null;
  const value = isRecord(contract.parameter) ? contract.parameter.value : null;
  if (!isRecord(value)) throw malformed('a malformed transfer');
  const { amount, owner_address: from, to_address: to } = value;
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount <= 0) return null;
  return { from: digitsIn(from), to: digitsIn(to), units: BigInt(amount) };
}

/** Addresses are hex, or base58 where they were asked for `visible`. */
function digitsIn(address: unknown): string {
  const key = typeof address === 'string' ? tronAddressKey(address) : null;
  if (!key?.ok) throw malformed('a malformed address');
  return key.value.slice(2);
}

/** The payments in TRX of a block to any of `recipients` (40 hex digits). */
export const paidIn = (block: HttpBlock, recipients: ReadonlySet<string>): Found[] =>
  [...block.transactions].flatMap(([txId, { succeeded, payment }], place) =>
    succeeded && payment && recipients.has(payment.to)
      ? [
          {
            ...payment,
            asset: 'TRX' as const,
            txHash: `0x${txId}`,
            blockHash: block.hash,
            height: block.height,
            place,
          },
        ]
      : [],
  );

/** Null for the empty object of a transaction that is in no block. */
export function decodeResult(raw: unknown): TransactionResult | null {
  if (!isRecord(raw)) throw malformed('a malformed transaction result');
  if (raw.id === undefined) return null;
  const failed = raw.result !== undefined && raw.result !== 'SUCESS' && raw.result !== 'SUCCESS';
  return {
    txId: hex(raw.id, 64, 'transaction id'),
    height: whole(raw.blockNumber, 'block number of a transaction'),
    failed,
    logs: failed ? [] : logsIn(raw.log),
  };
}

function logsIn(raw: unknown): TransactionResult['logs'] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) throw malformed('a malformed list of logs');
  return raw.map(log => {
    if (!isRecord(log)) throw malformed('a malformed log');
    const topics = log.topics ?? [];
    if (!Array.isArray(topics)) throw malformed('malformed log topics');
    const data = log.data ?? '';
    if (typeof data !== 'string' || !/^([0-9a-f]{2})*$/i.test(data)) throw malformed('malformed log data');
    return {
      address: hex(log.address, 40, 'log address'),
      topics: topics.map(topic => hex(topic, 64, 'log topic')),
      data: data.toLowerCase(),
    };
  });
}

/** The logs of a block's results as the Ethereum JSON-RPC has them, counted through the block from `first` on. */
export const toLogs = (block: Block, result: TransactionResult, first: number): Log[] =>
  result.logs.map(({ address, topics, data }, index) => ({
    address: `0x${address}`,
    topics: topics.map(topic => `0x${topic}`),
    body: `0x${data}`,
    txHash: `0x${result.txId}`,
    blockHash: block.hash,
    height: block.height,
    logIndex: first + index,
    removed: false,
  }));

/** Exactly so many hexadecimal digits, in lower case. */
function hex(value: unknown, digits: number, name: string): string {
  if (typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value))
    return value.toLowerCase();
  throw malformed(`a malformed ${name}`);
}

/** A number that is left out is zero. */
function whole(value: unknown, name: string): number {
  if (value === undefined) return 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(`a malformed ${name}`);
}
