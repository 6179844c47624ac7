/** What an Ethereum JSON-RPC provider really serves. */
import type { Network, Token } from '../domain/asset.ts';
import { mapBounded } from './bounded.ts';
import type { Identity } from './chain.ts';
import { type Clock, quantity, requireBlock } from './eth-block.ts';
import { call, type JsonRpc } from './json-rpc.ts';
import { NodeError } from './json-rpc-answer.ts';

/** The first four bytes of keccak256("decimals()"), https://eips.ethereum.org/EIPS/eip-20 */
const decimalsSelector = '0x313ce567';

export async function readIdentity(
  source: { rpc: JsonRpc; network: Network; clock: Clock },
  signal: AbortSignal,
): Promise<Identity> {
  const { rpc, network, clock } = source;
  const chainId = quantity(await call(rpc, { method: 'eth_chainId', params: [] }, signal), 'chain id');
  const genesis = await requireBlock(rpc, 0, signal, clock);
  const tokens = await mapBounded(
    network.tokens,
    async (token, linked) => ({
      asset: token.asset,
      contract: token.contract,
      decimals: await decimalsOf(rpc, token, linked),
    }),
    signal,
  );
  return { chainId, genesis: genesis.hash, tokens };
}

/** Asked at `latest`, the only state java-tron answers for. Anything but one word that holds a byte is no such contract. */
async function decimalsOf(rpc: JsonRpc, token: Token, signal: AbortSignal): Promise<number | null> {
  try {
    const params = [{ to: token.contract, data: decimalsSelector }, 'latest'];
    const word = await call(rpc, { method: 'eth_call', params }, signal);
    return typeof word === 'string' && /^0x0{62}[0-9a-f]{2}$/i.test(word) ? Number(word) : null;
  } catch (error) {
    if (error instanceof NodeError && saysNoContract(error)) return null;
    throw error;
  }
}

/** Code 3 is geth's for a revert; java-tron has "No contract or not a valid smart contract" and "REVERT opcode executed". */
const saysNoContract = (error: NodeError) =>
  error.code === 3 || /revert|no contract|not a (valid )?smart contract|invalid opcode/i.test(error.text);
