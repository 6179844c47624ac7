/** What an Ethereum JSON-RPC provider really serves. */
import type { Network, Token } from '../domain/asset.ts';
import { mapBounded } from './bounded.ts';
import { ChainError, type Identity } from './chain.ts';
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
  const genesis = network.onDemand ? (await requireBlock(rpc, 0, signal, clock)).hash : null;
  const tokens = await mapBounded(
    network.tokens,
    async (token, linked) => ({
      asset: token.asset,
      contract: token.contract,
      decimals: await decimalsOf(rpc, token, linked),
    }),
    signal,
  );
  return { chainId, genesis, tokens };
}

/**
 * Asked at `latest`, the only state java-tron answers for. Anything but one word that holds a byte is no such contract; but
 * for an empty answer where there is code: java-tron gives it whenever it did not get to the end (TronJsonRpcImpl.call).
 */
async function decimalsOf(rpc: JsonRpc, token: Token, signal: AbortSignal): Promise<number | null> {
  try {
    const params = [{ to: token.contract, data: decimalsSelector }, 'latest'];
    const word = await call(rpc, { method: 'eth_call', params }, signal);
    if (typeof word === 'string' && /^0x0{62}[0-9a-f]{2}$/i.test(word)) return Number(word);
    if ((word === '0x' || word === null) && (await hasCode(rpc, token, signal)))
      throw new ChainError('the provider did not run decimals()', { retryable: true });
    return null;
  } catch (error) {
    if (error instanceof NodeError && saysNoContract(error)) return null;
    throw error;
  }
}

/** False where the provider does not tell. */
async function hasCode(rpc: JsonRpc, token: Token, signal: AbortSignal): Promise<boolean> {
  const asked = { method: 'eth_getCode', params: [token.contract, 'latest'] };
  const code = await call(rpc, asked, signal).catch(error => {
    if (error instanceof NodeError && !error.retryable) return null;
    throw error;
  });
  return typeof code === 'string' && /^0x[0-9a-f]{2}/i.test(code);
}

/** Code 3 is geth's for a revert; java-tron has "No contract or not a valid smart contract" and "REVERT opcode executed". */
const saysNoContract = (error: NodeError) =>
  error.code === 3 || /revert|no contract|not a (valid )?smart contract|invalid opcode/i.test(error.text);
