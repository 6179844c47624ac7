/** Registering a wallet the merchant owns. Only its address comes here; nothing that could spend from it ever does. */
import { parseAddress } from '../chains/registry.ts';
import { type AssetCode, assetCodes, type Network, type NetworkCode, networkCodes } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import { type Db, transact } from '../store/db.ts';
import { merchantExists } from '../store/merchants.ts';
import { insertWallet } from '../store/wallets.ts';
import { type Checked, check, fault } from './faults.ts';
import { type WalletSettings, walletColumns, walletSettings } from './wallet-settings.ts';

export type WalletDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
};

export type AddWallet = {
  merchantId: number;
  network: string;
  cryptocurrency: string;
  address: string;
  settings: WalletSettings;
};

type Place = { network: Network; asset: AssetCode; decimals: number };

export async function addWallet(
  deps: WalletDeps,
  input: AddWallet,
): Promise<Checked<{ id: number; address: string }>> {
  const place = findPlace(deps.networks, input);
  if (!place.ok) return place;
  const { network, asset, decimals } = place.value;
  const address = parseAddress(network, input.address);
  if (!address.ok) return fault('address', address.fault);
  const settings = check(walletSettings(decimals, network), input.settings);
  if (!settings.ok) return settings;
  if (!(await merchantExists(deps.db, input.merchantId)))
    return fault('merchant', 'there is no merchant with this id');
  const wallet = {
    merchant_id: input.merchantId,
    network: network.code,
    asset,
    address: address.value.text,
    address_key: address.value.key,
    ...walletColumns(settings.value),
    created_at: new Date(deps.clock.now()),
  };
  const id = await transact(deps.db, tx => insertWallet(tx, deps.vault, wallet));
  if (id !== null) return ok({ id, address: wallet.address });
  return fault('address', `this merchant has this wallet for ${asset} on ${network.code} already`);
}

function findPlace(networks: WalletDeps['networks'], input: AddWallet): Checked<Place> {
  const code = networkCodes.find(known => known === input.network);
  if (!code) return fault('network', `must be one of ${networkCodes.join(', ')}`);
  const network = networks.get(code);
  if (!network) return fault('network', `${code} is not configured here`);
  const asset = assetCodes.find(known => known === input.cryptocurrency);
  const token = network.tokens.find(known => known.asset === asset);
  if (!asset || !token) {
    const known = network.tokens.map(({ asset: code }) => code).join(', ');
    return fault('cryptocurrency', `must be one of ${known} on ${network.code}`);
  }
  return ok({ network, asset, decimals: token.decimals });
}
