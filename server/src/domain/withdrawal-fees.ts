/**
 * What exchanges are known to take off a withdrawal of a US dollar coin, by network: a payer who enters the amount due at an
 * exchange sends that much less. What they take of native coins is nowhere told in a form that would last. Fees change and no table is complete; an unknown one still shows as a near amount.
 */
import type { NetworkCode } from './asset.ts';
import type { Decimal } from './money.ts';

const cents = (units: bigint): Decimal => ({ units, scale: 2 });

/**
 * In whole coins. Tron: 1 as HTX takes it, 0.2 and 1 as Binance has taken it (vidyoda.com/7972.html). Ethereum: 5, the flat
 * fee named at emroozi.com/9833.html. The others: the ends of the ranges of spreadscan.com/en/blog/best-networks-crypto-withdrawals.
 */
export const withdrawalFees: Partial<Record<NetworkCode, readonly Decimal[]>> = {
  'TRC-20': [cents(20n), cents(100n)],
  'ERC-20': [cents(500n)],
  'BEP-20': [cents(30n), cents(80n)],
  ARBITRUM: [cents(10n), cents(50n)],
  POLYGON: [cents(1n), cents(5n)],
  AVALANCHE: [cents(10n), cents(50n)],
};

/** No known fee is larger, in whole coins. */
export const LARGEST_FEE = 5;
