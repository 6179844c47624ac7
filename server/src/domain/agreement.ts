/** Amounts so large that one provider's word for a payment is not enough: the operator sets from where on. */
import { type AssetCode, coinsOf, type Network, type NetworkCode } from './asset.ts';

/** More base units than `above` of the asset, for each of its units that make a dollar, need two providers that show them. */
export type LargeAmount = { network: NetworkCode; asset: AssetCode; above: bigint };

/** What counts as large on each network that has a limit, as if every coin were a dollar: the invoice knows what it was. */
export const largeAmounts = (networks: Iterable<Network>): LargeAmount[] =>
  [...networks].flatMap(network =>
    network.agreeAbove === undefined
      ? []
      : coinsOf(network).map(({ asset, decimals }) => ({
          network: network.code,
          asset,
          above: BigInt(network.agreeAbove ?? 0) * 10n ** BigInt(decimals),
        })),
  );
