/** Base units as amounts that people read. */
import {
  type AssetCode,
  coinOn,
  type Network,
  type NetworkCode,
  networks as publicNetworks,
} from '../domain/asset.ts';
import { formatAmount } from '../domain/money.ts';

/** The exact amount. The networks of the installation come first; of one that it watches no more, the public one's is meant. */
export function coinAmount(
  networks: ReadonlyMap<NetworkCode, Network>,
  { network, asset, units }: { network: NetworkCode; asset: AssetCode; units: string },
): string {
  const coin = coinOn(networks.get(network), asset) ?? coinOn(publicNetworks[network], asset);
  if (!coin) throw new Error(`the decimals of ${asset} on ${network} are not known`);
  return formatAmount({ units: BigInt(units), scale: coin.decimals });
}
