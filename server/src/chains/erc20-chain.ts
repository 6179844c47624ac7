/** A Chain over the Ethereum JSON-RPC, put together from its parts; the families differ only in their dialect. */
import type { Network } from '../domain/asset.ts';
import type { Chain } from './chain.ts';
import { readBalance } from './eth-balance.ts';
import { fetchBlock } from './eth-block.ts';
import { readHead } from './eth-head.ts';
import { readIdentity } from './eth-identity.ts';
import { readTransaction } from './eth-transaction.ts';
import type { Endpoint } from './http-post.ts';
import { readAfter, type Source } from './reading.ts';

/** `ownCoin`, `balance`: where the JSON-RPC alone does not tell; see Source and Chain. */
export type Dialect = Pick<Source, 'spelling' | 'clock' | 'ownCoin'> & {
  balance?: Chain['balance'];
};

export function openErc20Chain(rpc: Endpoint, network: Network, dialect: Dialect): Chain {
  const source = { rpc, network, ...dialect };
  return {
    identity: signal => readIdentity(source, signal),
    head: signal => readHead(source, signal),
    block: (height, signal) => fetchBlock(source.rpc, height, signal, source.clock),
    transaction: (txId, signal) => readTransaction(source, txId, signal),
    read: (range, watched, signal) => readAfter(source, range, watched, signal),
    balance: dialect.balance ?? ((key, at, signal) => readBalance(source, key, at, signal)),
  };
}
