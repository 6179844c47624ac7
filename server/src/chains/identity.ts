/** Whether a provider serves the network it was given for: checked at start, since a wrong row or URL loses money. */
import type { Network } from '../domain/asset.ts';
import type { Identity } from './chain.ts';

/** What is wrong, each in words; empty when the provider may be used. A network with any fault is refused. */
export function identityFaults(identity: Identity, network: Network): string[] {
  if (identity.chainId !== network.chainId)
    return [`the provider serves chain ${identity.chainId}, ${network.code} is chain ${network.chainId}`];
  return network.tokens.flatMap(token => {
    const name = `${token.asset} on ${network.code}`;
    const found = identity.tokens.find(one => one.contract === token.contract && one.asset === token.asset);
    if (!found || found.decimals === null) return [`${name}: no token contract at ${token.contract}`];
    if (found.decimals === token.decimals) return [];
    return [`${name}: the contract has ${found.decimals} decimals, expected ${token.decimals}`];
  });
}
