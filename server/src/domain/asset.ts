/**
 * Networks and coins as tables. To add a token, add a row; to change when a network counts as final, change its
 * row. Addresses and decimals are pinned here and checked against the chain at start: token lists found in
 * public are wrong often enough to lose money.
 */

export const networkCodes = [
  'TRC-20',
  'ERC-20',
  'BEP-20',
  'POLYGON',
  'ARBITRUM',
  'OPTIMISM',
  'BASE',
  'AVALANCHE',
] as const;
export type NetworkCode = (typeof networkCodes)[number];

/** Worth a US dollar each, and counted as that in prices. */
export const stablecoinCodes = ['USDT', 'USDC', 'DAI'] as const;
/** What a network pays its own fees in. They have a price of their own. */
export const nativeCodes = ['TRX', 'ETH', 'BNB', 'POL', 'AVAX'] as const;
export const assetCodes = [...stablecoinCodes, ...nativeCodes] as const;
type StablecoinCode = (typeof stablecoinCodes)[number];
export type NativeCode = (typeof nativeCodes)[number];
export type AssetCode = (typeof assetCodes)[number];

export const isNative = (asset: AssetCode): asset is NativeCode =>
  (nativeCodes as readonly AssetCode[]).includes(asset);

/** What can be paid in on a network. Amounts there are whole numbers of 10^-decimals. */
export type Coin = { asset: AssetCode; decimals: number };

/** A token of one network. `contract` is 20 bytes as lower-case 0x hex, on Tron too (without its 41 prefix). */
export type Token = { asset: StablecoinCode; contract: string; decimals: number };

/**
 * When a block can no longer be undone for our purposes. `tag`: the node says so (`finalized`; on Tron the solidified
 * block), and where a provider does not know the tag, `depth` is used. `depth`: the block itself counts as 1.
 */
type Finality = { by: 'tag'; depth: number } | { by: 'depth'; depth: number };

export type Network = {
  code: NetworkCode;
  /** Other names people know it by; shown to payers. */
  names: readonly string[];
  family: 'evm' | 'tron';
  chainId: number;
  finality: Finality;
  /** Mean time between blocks, in milliseconds. */
  blockTime: number;
  /** Largest span of blocks asked for in one log query, when the provider sets no smaller one. */
  logSpan: number;
  tokens: readonly Token[];
  native: { asset: NativeCode; decimals: number };
  /** Above so many US dollars a payment settles only when two providers show it. */
  agreeAbove?: number;
  /** Minutes between two readings by a second provider; 10 unless set. */
  recheckMinutes?: number;
  /** A local chain: it makes blocks only when there is something to put in them, and it may be begun anew. */
  onDemand?: boolean;
};

/** The public networks. A local chain has a row of the same shape, made when it starts. */
export const networks: Record<NetworkCode, Network> = {
  'TRC-20': {
    code: 'TRC-20',
    names: ['Tron', 'TRX'],
    family: 'tron',
    chainId: 728126428,
    finality: { by: 'tag', depth: 20 },
    blockTime: 3000,
    logSpan: 5000,
    tokens: [
      { asset: 'USDT', contract: '0xa614f803b6fd780986a42c78ec9c7f77e6ded13c', decimals: 6 },
      { asset: 'USDC', contract: '0x3487b63d30b5b2c87fb7ffa8bcfade38eaac1abe', decimals: 6 },
    ],
    native: { asset: 'TRX', decimals: 6 },
  },
  'ERC-20': {
    code: 'ERC-20',
    names: ['Ethereum', 'ETH'],
    family: 'evm',
    chainId: 1,
    finality: { by: 'depth', depth: 12 },
    blockTime: 12_000,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0xdac17f958d2ee523a2206206994597c13d831ec7', decimals: 6 },
      { asset: 'USDC', contract: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48', decimals: 6 },
      { asset: 'DAI', contract: '0x6b175474e89094c44da98b954eedeac495271d0f', decimals: 18 },
    ],
    native: { asset: 'ETH', decimals: 18 },
  },
  'BEP-20': {
    code: 'BEP-20',
    names: ['BNB Smart Chain', 'BSC'],
    family: 'evm',
    chainId: 56,
    finality: { by: 'tag', depth: 15 },
    blockTime: 750,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0x55d398326f99059ff775485246999027b3197955', decimals: 18 },
      { asset: 'USDC', contract: '0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d', decimals: 18 },
      { asset: 'DAI', contract: '0x1af3f329e8be154074d8769d1ffa4ee058b1dbc3', decimals: 18 },
    ],
    native: { asset: 'BNB', decimals: 18 },
  },
  POLYGON: {
    code: 'POLYGON',
    names: ['Polygon PoS', 'MATIC'],
    family: 'evm',
    chainId: 137,
    finality: { by: 'tag', depth: 200 },
    blockTime: 2000,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0xc2132d05d31c914a87c6611c10748aeb04b58e8f', decimals: 6 },
      { asset: 'USDC', contract: '0x3c499c542cef5e3811e1192ce70d8cc03d5c3359', decimals: 6 },
      { asset: 'DAI', contract: '0x8f3cf7ad23cd3cadbd9735aff958023239c6a063', decimals: 18 },
    ],
    native: { asset: 'POL', decimals: 18 },
  },
  ARBITRUM: {
    code: 'ARBITRUM',
    names: ['Arbitrum One'],
    family: 'evm',
    chainId: 42161,
    finality: { by: 'depth', depth: 40 },
    blockTime: 250,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9', decimals: 6 },
      { asset: 'USDC', contract: '0xaf88d065e77c8cc2239327c5edb3a432268e5831', decimals: 6 },
      { asset: 'DAI', contract: '0xda10009cbd5d07dd0cecc66161fc93d7c9000da1', decimals: 18 },
    ],
    native: { asset: 'ETH', decimals: 18 },
  },
  OPTIMISM: {
    code: 'OPTIMISM',
    names: ['OP Mainnet', 'Optimism'],
    family: 'evm',
    chainId: 10,
    finality: { by: 'depth', depth: 20 },
    blockTime: 2000,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0x94b008aa00579c1307b0ef2c499ad98a8ce58e58', decimals: 6 },
      { asset: 'USDC', contract: '0x0b2c639c533813f4aa9d7837caf62653d097ff85', decimals: 6 },
      { asset: 'DAI', contract: '0xda10009cbd5d07dd0cecc66161fc93d7c9000da1', decimals: 18 },
    ],
    native: { asset: 'ETH', decimals: 18 },
  },
  BASE: {
    code: 'BASE',
    names: ['Base'],
    family: 'evm',
    chainId: 8453,
    finality: { by: 'depth', depth: 20 },
    blockTime: 2000,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0xfde4c96c8593536e31f229ea8f37b2ada2699bb2', decimals: 6 },
      { asset: 'USDC', contract: '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913', decimals: 6 },
      { asset: 'DAI', contract: '0x50c5725949a6f0c72e6c4a641f24049a917db0cb', decimals: 18 },
    ],
    native: { asset: 'ETH', decimals: 18 },
  },
  AVALANCHE: {
    code: 'AVALANCHE',
    names: ['Avalanche C-Chain', 'AVAX'],
    family: 'evm',
    chainId: 43114,
    finality: { by: 'tag', depth: 12 },
    blockTime: 1700,
    logSpan: 1000,
    tokens: [
      { asset: 'USDT', contract: '0x9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7', decimals: 6 },
      { asset: 'USDC', contract: '0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e', decimals: 6 },
      { asset: 'DAI', contract: '0xd586e7f844cea2f87f50152665bcbc2c279d8d70', decimals: 18 },
    ],
    native: { asset: 'AVAX', decimals: 18 },
  },
};

/** Everything that can be paid in on a network: its tokens, then its own coin. */
export const coinsOf = ({ tokens, native }: Pick<Network, 'tokens' | 'native'>): readonly Coin[] => [
  ...tokens,
  native,
];

/** A coin of a network that may not be there; undefined where either is not. */
export const coinOn = (network: Network | undefined, asset: AssetCode): Coin | undefined =>
  network && coinsOf(network).find(coin => coin.asset === asset);
