/** One transaction as an Ethereum JSON-RPC provider knows it: its receipt, held against the header of its block. */
import { ChainError, type TransactionReport } from './chain.ts';
import { decodeReceiptLogs } from './erc20-logs.ts';
import { toTransfers } from './erc20-transfers.ts';
import { fetchBlock } from './eth-block.ts';
import { decodeReceipt } from './eth-receipt.ts';
import { call } from './json-rpc.ts';
import { nativeOf } from './native-transfers.ts';
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
  const own = await nativeOf(source, receipt, signal);
  const found = { native: own ? [own] : [], logs };
  return { kind: 'found', block, transfers: toTransfers(found, new Map([[home.height, home]]), spelling) };
}
