/** Base units as amounts that people read. */
import {
  type AssetCode,
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
  const tokens = [...(networks.get(network)?.tokens ?? []), ...publicNetworks[network].tokens];
  const token = tokens.find(known => known.asset === asset);
  if (!token) throw new Error(`the decimals of ${asset} on ${network} are not known`);
  return formatAmount({ units: BigInt(units), scale: token.decimals });
}
