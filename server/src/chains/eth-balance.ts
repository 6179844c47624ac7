/** What an address holds of its network's own coin, by the Ethereum JSON-RPC. */
import { ChainError, type Position } from './chain.ts';
import { malformed, requireBlock, toQuantity } from './eth-block.ts';
import { call } from './json-rpc.ts';
import type { Source } from './reading.ts';

/** See Chain.balance. Throws a retryable ChainError where the provider has another block there, or forgot its state. */
export async function readBalance(
  { rpc, clock, spelling }: Source,
  key: string,
  at: Position,
  signal: AbortSignal,
): Promise<{ units: bigint; height: number }> {
  const block = await requireBlock(rpc, at.height, signal, clock);
  if (block.hash !== at.hash)
    throw new ChainError('the provider has another block there', { retryable: true });
  const params = [`0x${spelling.digits(key)}`, toQuantity(at.height)];
  const held = await call(rpc, { method: 'eth_getBalance', params }, signal);
  if (typeof held !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(held)) throw malformed('a malformed balance');
  return { units: BigInt(held), height: at.height };
}
