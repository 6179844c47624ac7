/** One transaction as an Ethereum JSON-RPC provider knows it: its receipt, held against the header of its block. */
import { ChainError, type TransactionReport } from './chain.ts';
import { decodeReceiptLogs } from './erc20-logs.ts';
import { toTransfers } from './erc20-transfers.ts';
import { data, fetchBlock, malformed, quantity } from './eth-block.ts';
import { call } from './json-rpc.ts';
import { isRecord } from './json-rpc-answer.ts';
import type { Source } from './reading.ts';

/** See Chain.transaction. Throws a retryable ChainError when the receipt and the provider's chain do not agree. */
export async function readTransaction(
  source: Source,
  txId: string,
  signal: AbortSignal,
): Promise<TransactionReport> {
  const { rpc, network, spelling, clock } = source;
  const hash = spelling.hash(txId);
  const asked = { method: 'eth_getTransactionReceipt', params: [hash] };
  const receipt = decodeReceipt(await call(rpc, asked, signal), hash);
  if (!receipt) return { kind: 'unknown' };
  const home = await fetchBlock(rpc, receipt.height, signal, clock);
  // Either the block was undone in between, or receipt and header are of two nodes that see different chains.
  if (home?.hash !== receipt.blockHash)
    throw new ChainError("the transaction's block is not on the provider's chain", { retryable: true });
  const block = { height: home.height, hash: home.hash, time: home.time };
  // By status alone: a failed transaction on Polygon has a log all the same, of the fee it paid.
  if (receipt.failed) return { kind: 'failed', block };
  const logs = decodeReceiptLogs(receipt.logs, receipt, network.tokens);
  return { kind: 'found', block, transfers: toTransfers(logs, new Map([[home.height, home]]), spelling) };
}

type Receipt = { txHash: string; blockHash: string; height: number; failed: boolean; logs: unknown };

/** Null for a transaction that is in no block; some nodes give a receipt without a block for one that still waits. */
function decodeReceipt(raw: unknown, hash: string): Receipt | null {
  if (raw === null) return null;
  if (!isRecord(raw)) throw malformed('a malformed receipt');
  const txHash = data(raw.transactionHash, 32, 'transaction hash of a receipt');
  if (txHash !== hash) throw malformed('the receipt of another transaction than asked');
  if (raw.blockHash === null && raw.blockNumber === null) return null;
  return {
    txHash,
    blockHash: data(raw.blockHash, 32, 'block hash of a receipt'),
    height: quantity(raw.blockNumber, 'block number of a receipt'),
    failed: hasFailed(raw.status),
    logs: raw.logs,
  };
}

/**
 * 1 is success, 0 failure (https://eips.ethereum.org/EIPS/eip-658). Receipts from before it have no status; there the
 * logs tell, for what is undone leaves none.
 */
function hasFailed(status: unknown): boolean {
  if (status === undefined || status === null) return false;
  const number = quantity(status, 'status of a receipt');
  if (number > 1) throw malformed('a receipt with an unknown status');
  return number === 0;
}
