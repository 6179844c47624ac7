/** Registering a wallet the merchant owns. Only its address comes here; nothing that could spend from it ever does. */
import { parseAddress } from '../chains/registry.ts';
import { type AssetCode, assetCodes, type Network, type NetworkCode, networkCodes } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import { type Db, transact } from '../store/db.ts';
import { bumpWatchSet, walletMac } from '../store/wallets.ts';
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
  const settings = check(walletSettings(decimals), input.settings);
  if (!settings.ok) return settings;
  const merchant = await deps.db
    .selectFrom('merchants')
    .select('id')
    .where('id', '=', input.merchantId)
    .executeTakeFirst();
  if (!merchant) return fault('merchant', 'there is no merchant with this id');
  const wallet = {
    merchant_id: merchant.id,
    network: network.code,
    asset,
    address: address.value.text,
    address_key: address.value.key,
  };
  return transact(deps.db, async tx => {
    const row = await tx
      .insertInto('wallets')
      .values({
        ...wallet,
        ...walletColumns(settings.value),
        mac: walletMac(deps.vault, wallet),
        created_at: new Date(deps.clock.now()),
      })
      .onConflict(conflict =>
        conflict.columns(['merchant_id', 'network', 'asset', 'address_key']).doNothing(),
      )
      .returning('id')
      .executeTakeFirst();
    if (!row)
      return fault('address', `this merchant has this wallet for ${asset} on ${network.code} already`);
    await bumpWatchSet(tx, network.code);
    return ok({ id: row.id, address: wallet.address });
  });
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
