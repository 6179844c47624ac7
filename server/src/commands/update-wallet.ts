/** Changing a wallet's settings; what is not given stays. An inactive wallet takes no new invoices but is watched on. */
import type { Network, NetworkCode } from '../domain/asset.ts';
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { changeWallet, lockWallet } from '../store/wallets.ts';
import { type Checked, check, fault } from './faults.ts';
import { settingsOf, type WalletSettings, walletColumns, walletSettings } from './wallet-settings.ts';

export async function updateWallet(
  deps: { db: Db; networks: ReadonlyMap<NetworkCode, Network> },
  id: number,
  changes: Partial<WalletSettings>,
): Promise<Checked<{ id: number }>> {
  return transact(deps.db, async tx => {
    const row = await lockWallet(tx, id);
    if (!row) return fault('wallet', 'there is no wallet with this id');
    const network = deps.networks.get(row.network);
    const token = network?.tokens.find(({ asset }) => asset === row.asset);
    if (!network || !token) return fault('wallet', `${row.asset} on ${row.network} is not configured here`);
    const settings = check(walletSettings(token.decimals, network), { ...settingsOf(row), ...changes });
    if (!settings.ok) return settings;
    await changeWallet(tx, id, walletColumns(settings.value));
    return ok({ id });
  });
}
