/** The receipt of one transaction: where it is, whether it succeeded, and its logs as they came. */
import { data, malformed, quantity } from './eth-block.ts';
import { isRecord } from './json-rpc-answer.ts';

export type Receipt = { txHash: string; blockHash: string; height: number; failed: boolean; logs: unknown };

/** Null for a transaction that is in no block; some nodes give a receipt without a block for one that still waits. */
export function decodeReceipt(raw: unknown, hash: string): Receipt | null {
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
