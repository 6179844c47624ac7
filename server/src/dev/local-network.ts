/**
 * The rows of the local chains, beside those of the public networks. Their chain ids and contracts are theirs alone, so
 * that a mix-up with a public network, or of the two with one another, is found by the checks and not by losing money.
 * A contract's address follows from the sender that deploys it and the number of its transaction; see test-tokens.ts.
 */
import type { Network } from '../domain/asset.ts';

export type LocalKind = 'ERC-20' | 'TRC-20';

export type LocalNetwork = Network & { code: LocalKind };

export const localNetworks: Record<LocalKind, LocalNetwork> = {
  'ERC-20': {
    code: 'ERC-20',
    names: ['Ethereum (local test chain)'],
    family: 'evm',
    chainId: 31337,
    finality: { by: 'depth', depth: 12 },
    blockTime: 1000,
    onDemand: true,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0xcca337bd82bfd7977eee0be1033846f36e94446c', decimals: 6 },
      { asset: 'USDC', contract: '0x4a503ecf693286e768418bcd080347fa48855c17', decimals: 6 },
    ],
    native: { asset: 'ETH', decimals: 18 },
  },
  'TRC-20': {
    code: 'TRC-20',
    names: ['Tron (local test chain)'],
    family: 'tron',
    chainId: 31338,
    // The finalized block trails the head by 18, as java-tron's solidified block does in good times.
    finality: { by: 'tag', depth: 19 },
    blockTime: 1000,
    onDemand: true,
    logSpan: 5000,
    tokens: [
      { asset: 'USDT', contract: '0x489f7e660ab2b65aa961a47e7b0c0330b4d82015', decimals: 6 },
      { asset: 'USDC', contract: '0xfe50c98915055bd66a7de0332635b77bf3b75de9', decimals: 6 },
    ],
    // Its smallest unit is that of the node behind it.
    native: { asset: 'TRX', decimals: 6 },
  },
};
