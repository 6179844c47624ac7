/** Registering a wallet the merchant owns. Only its address comes here; nothing that could spend from it ever does. */
import { parseAddress } from '../chains/registry.ts';
import {
  assetCodes,
  type Coin,
  coinsOf,
  type Network,
  type NetworkCode,
  networkCodes,
} from '../domain/asset.ts';
import { activeFrom, type WalletHold } from '../domain/wallet-hold.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { lockMerchant } from '../store/merchants.ts';
import { tell } from '../store/notices.ts';
import { hasOtherWallet, insertWallet } from '../store/wallets.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Checked, check, fault } from './faults.ts';
import { rule } from './rule.ts';
import { settingsOf, type WalletSettings, walletColumns, walletSettings } from './wallet-settings.ts';

export type WalletDeps = ActingDeps & {
  db: Db;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
  hold: WalletHold;
};

export type AddWallet = {
  merchantId: number;
  network: string;
  cryptocurrency: string;
  address: string;
  settings: WalletSettings;
};

type Place = { network: Network; coin: Coin };

/** `activeFrom` in ms; null: it takes invoices at once. */
export type AddedWallet = { id: number; address: string; activeFrom: number | null };

export async function addWallet(deps: WalletDeps, input: AddWallet): Promise<Checked<AddedWallet>> {
  const place = findPlace(deps.networks, input);
  if (!place.ok) return place;
  const { network, coin } = place.value;
  const { asset } = coin;
  const address = parseAddress(network, input.address);
  if (!address.ok) return fault('address', address.fault, rule('address', { network: network.code }));
  const settings = check(walletSettings(coin, network), input.settings);
  if (!settings.ok) return settings;
  const wallet = {
    merchant_id: input.merchantId,
    network: network.code,
    asset,
    address: address.value.text,
    address_key: address.value.key,
    ...walletColumns(settings.value),
  };
  const taken = `this merchant has this wallet for ${asset} on ${network.code} already`;
  return transact(
    deps.db,
    async tx => (await addIn(tx, deps, wallet)) ?? fault('address', taken, rule('wallet_taken')),
  );
}

type NewWallet = Omit<Parameters<typeof insertWallet>[2], 'created_at' | 'active_from'> &
  Parameters<typeof settingsOf>[0];

/** null: the merchant has it already. Its merchant is locked, so that of two first wallets at once only one is the first. */
async function addIn(tx: Tx, deps: WalletDeps, wallet: NewWallet): Promise<Checked<AddedWallet> | null> {
  const merchant = await lockMerchant(tx, wallet.merchant_id);
  if (!merchant) return fault('merchant', 'there is no merchant with this id');
  const now = deps.clock.now();
  const from = activeFrom(deps.hold, !(await hasOtherWallet(tx, wallet, null)), now);
  const times = { created_at: new Date(now), active_from: from === null ? null : new Date(from) };
  const id = await insertWallet(tx, deps.vault, { ...wallet, ...times });
  if (id === null) return null;
  const { network, asset, address } = wallet;
  const userId = merchant.user_id;
  await tell(tx, 'wallet_changed', [{ subject: `${id}:${now}`, userId }], now);
  const after = { merchant: merchant.id, network, asset, address, ...settingsOf(wallet), activeFrom: from };
  await note(tx, deps, { userId, action: 'wallet.add', target: `wallet ${id}`, after }, now);
  return ok({ id, address, activeFrom: from });
}

function findPlace(networks: WalletDeps['networks'], input: AddWallet): Checked<Place> {
  const code = networkCodes.find(known => known === input.network);
  if (!code) return fault('network', `must be one of ${networkCodes.join(', ')}`);
  const network = networks.get(code);
  if (!network) return fault('network', `${code} is not configured here`, rule('network'));
  const asset = assetCodes.find(known => known === input.cryptocurrency);
  const coin = coinsOf(network).find(known => known.asset === asset);
  if (!coin) {
    const known = coinsOf(network)
      .map(({ asset: code }) => code)
      .join(', ');
    return fault('cryptocurrency', `must be one of ${known} on ${network.code}`);
  }
  return ok({ network, coin });
}
