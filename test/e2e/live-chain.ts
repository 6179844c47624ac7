/** The local chains of `dev` in a test's hands: nothing is mined but what the test mines or pays. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalChain, startLocalChain } from '../../server/src/dev/local-chain.ts';
import type { LocalKind } from '../../server/src/dev/local-network.ts';
import { payOnLocalChain } from '../../server/src/dev/pay.ts';
import { receiptOf, rpc, rpcBlock, rpcHex } from '../../server/src/dev/rpc.ts';
import { onFreePort, quiet } from '../gateway.ts';

export type LiveChain = LocalChain & { code: LocalKind };

export async function openLive(code: LocalKind): Promise<LiveChain> {
  const dir = await mkdtemp(join(tmpdir(), 'live-chain-'));
  const options = { kind: code, dir, ephemeral: true, log: quiet, mineEvery: null } as const;
  const chain = await onFreePort(port => startLocalChain({ ...options, port }));
  return { ...chain, code };
}

/** Pays USDT in a block of its own, or waits for one where automatic mining is off; answers the transaction's hash. */
export function pay(
  { rpcUrl, network }: LiveChain,
  to: string,
  units: bigint,
  from?: string,
): Promise<string> {
  return payOnLocalChain({ rpcUrl, token: network.tokens[0]!.contract, to, units, from });
}

export async function mine({ rpcUrl }: LiveChain, blocks: number): Promise<void> {
  await rpc(rpcUrl, 'anvil_mine', `0x${blocks.toString(16)}`);
}

/** Mines until everything so far is final. */
export const bury = (chain: LiveChain): Promise<void> => mine(chain, chain.network.finality.depth + 1);

/** A transaction as it was signed, to be included again after a fork dropped it. */
export const signedForm = ({ rpcUrl }: LiveChain, hash: string): Promise<string> =>
  rpcHex(rpcUrl, 'eth_getRawTransactionByHash', hash);

/** A fork: replaces all blocks from the one a transaction is in by empty ones, one block longer. */
export async function forkAway(chain: LiveChain, hash: string): Promise<void> {
  const { blockNumber } = await receiptOf(chain.rpcUrl, hash);
  const { height } = await rpcBlock(chain.rpcUrl, 'latest');
  await rpc(chain.rpcUrl, 'anvil_reorg', height - blockNumber + 1, []);
  await mine(chain, 1);
  if ((await rpc(chain.rpcUrl, 'eth_getTransactionReceipt', hash)) !== null)
    throw new Error('the transaction is still on the chain');
}

/** Puts a dropped transaction into a new block, under the hash it had. */
export async function include({ rpcUrl }: LiveChain, raw: string): Promise<string> {
  const hash = await rpcHex(rpcUrl, 'eth_sendRawTransaction', raw);
  await receiptOf(rpcUrl, hash);
  return hash;
}

/** The hash as the API shows it: Tron's has no prefix. */
export const idOf = ({ code }: LiveChain, hash: string): string => (code === 'TRC-20' ? hash.slice(2) : hash);
