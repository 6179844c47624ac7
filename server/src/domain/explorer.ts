/** Where a transaction or an address of a public network can be looked at by everybody. */
import { type Network, type NetworkCode, networks } from './asset.ts';

const explorers: Record<NetworkCode, string> = {
  'TRC-20': 'https://tronscan.org/#/',
  'ERC-20': 'https://etherscan.io/',
  'BEP-20': 'https://bscscan.com/',
  POLYGON: 'https://polygonscan.com/',
  ARBITRUM: 'https://arbiscan.io/',
  OPTIMISM: 'https://optimistic.etherscan.io/',
  BASE: 'https://basescan.org/',
  AVALANCHE: 'https://snowtrace.io/',
};

/** null for a chain that is not the public one of its code: nobody but its owner can look at it. `id` as people write it. */
export function explorerUrl(
  network: Pick<Network, 'code' | 'chainId'> | undefined,
  kind: 'transaction' | 'address',
  id: string,
): string | null {
  if (!network || network.chainId !== networks[network.code].chainId) return null;
  const path = kind === 'address' ? 'address' : network.code === 'TRC-20' ? 'transaction' : 'tx';
  return `${explorers[network.code]}${path}/${encodeURIComponent(id)}`;
}
