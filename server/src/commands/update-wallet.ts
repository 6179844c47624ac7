/**
 * Changing a wallet's settings; what is not given stays. An inactive wallet takes no new invoices but is watched on. To
 * make one active again beside others is as good as adding it, and waits as long.
 */
import { coinOn } from '../domain/asset.ts';
import { activeFrom } from '../domain/wallet-hold.ts';
import { ok } from '../lib/result.ts';
import { type Tx, transact } from '../store/db.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { tell } from '../store/notices.ts';
import { changeWallet, hasOtherWallet, lockWallet, type WalletRow } from '../store/wallets.ts';
import { difference, note } from './acting.ts';
import type { WalletDeps } from './add-wallet.ts';
import { type Checked, check, fault } from './faults.ts';
import { settingsOf, type WalletSettings, walletColumns, walletSettings } from './wallet-settings.ts';

/** `activeFrom` in ms; null: it is not held. */
export type UpdatedWallet = { id: number; activeFrom: number | null };

export async function updateWallet(
  deps: WalletDeps,
  id: number,
  changes: Partial<WalletSettings>,
): Promise<Checked<UpdatedWallet>> {
  return transact(deps.db, async (tx): Promise<Checked<UpdatedWallet>> => {
    const row = await lockWallet(tx, id);
    if (!row) return fault('wallet', 'there is no wallet with this id');
    const network = deps.networks.get(row.network);
    const token = coinOn(network, row.asset);
    if (!network || !token) return fault('wallet', `${row.asset} on ${row.network} is not configured here`);
    const settings = check(walletSettings(token, network), { ...settingsOf(row), ...changes });
    if (!settings.ok) return settings;
    return ok({ id, activeFrom: await change(tx, deps, row, walletColumns(settings.value)) });
  });
}

async function change(
  tx: Tx,
  deps: WalletDeps,
  row: WalletRow,
  columns: ReturnType<typeof walletColumns>,
): Promise<number | null> {
  const now = deps.clock.now();
  const isBack = columns.active && !row.active;
  const from = isBack
    ? activeFrom(deps.hold, !(await hasOtherWallet(tx, row, row.id)), now)
    : row.active_from;
  await changeWallet(tx, row.id, { ...columns, active_from: from === null ? null : new Date(from) });
  const userId = await userOfMerchant(tx, row.merchant_id);
  if (columns.active !== row.active && userId !== null)
    await tell(tx, 'wallet_changed', [{ subject: `${row.id}:${now}`, userId }], now);
  const facts = (wallet: Parameters<typeof settingsOf>[0], activeFrom: number | null) => ({
    ...settingsOf(wallet),
    activeFrom,
  });
  const changed = difference(facts(row, row.active_from), facts(columns, from));
  if (changed)
    await note(tx, deps, { userId, action: 'wallet.change', target: `wallet ${row.id}`, ...changed }, now);
  return from;
}
