/** Amounts so large that one provider's word for a payment is not enough: the operator sets from where on. */
import type { AssetCode, Network, NetworkCode } from './asset.ts';

/** More base units than `above` of the asset need two providers that show them. */
export type LargeAmount = { network: NetworkCode; asset: AssetCode; above: bigint };

/** What counts as large on each network that has a limit; every coin here is taken for a dollar. */
export const largeAmounts = (networks: Iterable<Network>): LargeAmount[] =>
  [...networks].flatMap(({ code: network, agreeAbove, tokens }) =>
    agreeAbove === undefined
      ? []
      : tokens.map(({ asset, decimals }) => ({
          network,
          asset,
          above: BigInt(agreeAbove) * 10n ** BigInt(decimals),
        })),
  );
