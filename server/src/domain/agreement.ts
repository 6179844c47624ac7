/** Amounts so large that one provider's word for a payment is not enough: the operator sets from where on. */
import { type AssetCode, coinOn, coinsOf, type Network, type NetworkCode } from './asset.ts';
import type { Invoice } from './invoice.ts';
import { compare, type Decimal, multiply } from './money.ts';

/**
 * More base units than `above` of the asset, for each of its units that make a dollar, need two providers that show them; so does
 * what a person names for an invoice of more than so many `dollars`.
 */
export type LargeAmount = { network: NetworkCode; asset: AssetCode; above: bigint; dollars: number };

/** What counts as large on each network that has a limit, as if every coin were a dollar: the invoice knows what it was. */
export const largeAmounts = (networks: Iterable<Network>): LargeAmount[] =>
  [...networks].flatMap(network =>
    network.agreeAbove === undefined
      ? []
      : coinsOf(network).map(({ asset, decimals }) => ({
          network: network.code,
          asset,
          above: BigInt(network.agreeAbove ?? 0) * 10n ** BigInt(decimals),
          dollars: network.agreeAbove ?? 0,
        })),
  );

const ONE: Decimal = { units: 1n, scale: 0 };

/** Whether two providers must show a transfer, in base units, that a person names for an invoice: it may be of any amount. */
export function needsTwo(
  network: Network | undefined,
  { requested, method }: Pick<Invoice, 'requested' | 'method'>,
  { asset, units }: { asset: AssetCode; units: bigint },
): boolean {
  if (network?.agreeAbove === undefined) return false;
  const limit = { units: BigInt(network.agreeAbove), scale: 0 };
  const received = { units, scale: coinOn(network, asset)?.decimals ?? 0 };
  const isLarge = compare(received, multiply(limit, method?.rate?.perUsd ?? ONE)) > 0;
  return isLarge || compare(requested, limit) > 0;
}
