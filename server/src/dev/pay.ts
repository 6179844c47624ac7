/** Pays test money on a local chain, where every account is unlocked: for tests, and for trying a payment out by hand. */

import { receiptOf, rpcAccounts, rpcHex } from './rpc.ts';
import { word } from './test-tokens.ts';

// First four bytes of keccak256("transfer(address,uint256)"), from the ERC-20 standard.
const transferSelector = '0xa9059cbb';

export type LocalPayment = {
  rpcUrl: string;
  /** Contract and recipient as 20 bytes of 0x hex, on the local Tron too; no contract for the chain's own coin. */
  token: string | null;
  to: string;
  /** Base units of the coin. */
  units: bigint;
  /** The payer; by default the first unlocked account, which holds the test tokens. */
  from?: string | undefined;
};

/** Sends one transfer and returns its transaction's hash once it is in a block. Throws when it was reverted. */
export async function payOnLocalChain({ rpcUrl, token, to, units, from }: LocalPayment): Promise<string> {
  const payer = from ?? (await rpcAccounts(rpcUrl))[0];
  const moved = token
    ? { to: token, data: transferSelector + word(BigInt(to)) + word(units) }
    : { to, value: `0x${units.toString(16)}` };
  // The gas is given, because estimating it would refuse a transfer that reverts before it could be seen on the chain.
  const transaction = { from: payer, ...moved, gas: '0x30d40' };
  const txId = await rpcHex(rpcUrl, 'eth_sendTransaction', transaction);
  const { status } = await receiptOf(rpcUrl, txId);
  if (status !== 1)
    throw new Error(`the transfer was reverted (transaction ${txId}): has ${payer} enough of the coin?`);
  return txId;
}
