/** Which network a local chain plays in the field, and how that network writes things. */
import { base58 } from '@scure/base';
import type { NetworkSettings } from '../../server/src/chains/network-settings.ts';
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import type { LiveChain } from '../e2e/live-chain.ts';

/** `depth`: how many blocks make a transfer final, its own counted. */
type Played = { network: NetworkCode; depth: number };

/**
 * Tron is Tron, of which the node says what is final. The other local chain plays Base, which is looked at often, and is
 * final sooner than there.
 */
export function played({ code, network }: LiveChain): Played {
  return code === 'TRC-20' ? { network: code, depth: network.finality.depth } : { network: 'BASE', depth: 3 };
}

/** What `networks` holds in the configuration file. */
export function networksOf(
  chain: LiveChain,
  rpc: readonly { url: string }[],
): Record<string, NetworkSettings> {
  const { network, depth } = played(chain);
  const { chainId, tokens, finality } = chain.network;
  const own = network === 'BASE' ? { by: 'depth' as const, depth } : finality;
  const settings = { rpc: [...rpc], chainId, tokens: tokens.slice(0, 1), finality: own, recheckMinutes: 1 };
  return { [network]: settings };
}

/** The 20 bytes of an address as 0x hex, which a shop of Tron sees as base58: after one byte for the network, before a checksum. */
export function evmForm(address: string): string {
  if (address.startsWith('0x')) return address;
  return `0x${Buffer.from(base58.decode(address).subarray(1, 21)).toString('hex')}`;
}
