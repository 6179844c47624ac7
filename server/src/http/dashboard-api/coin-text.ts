/** Base units and addresses as people read them. */
import { addressText } from '../../chains/registry.ts';
import {
  type AssetCode,
  coinOn,
  type Network,
  type NetworkCode,
  networks as publicNetworks,
} from '../../domain/asset.ts';
import { formatAmount } from '../../domain/money.ts';

type Networks = ReadonlyMap<NetworkCode, Network>;

/** The exact amount; null where the decimals are not known. A network that is watched no more is meant as the public one. */
export function coinText(
  networks: Networks,
  { network, asset, units }: { network: NetworkCode; asset: AssetCode; units: string },
): string | null {
  const coin = coinOn(networks.get(network), asset) ?? coinOn(publicNetworks[network], asset);
  return coin ? formatAmount({ units: BigInt(units), scale: coin.decimals }) : null;
}

export function writtenAddress(networks: Networks, code: NetworkCode, key: string): string {
  return addressText(networks.get(code) ?? publicNetworks[code], key);
}
