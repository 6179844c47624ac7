/** A person has found out where money in a wallet came from that no transfer explains: it is told no more. */
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { explain } from '../store/balance-checks.ts';
import { type Db, transact } from '../store/db.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { lockWallet } from '../store/wallets.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Checked, fault } from './faults.ts';

/** Answers whether there was anything to explain. */
export async function explainBalance(
  deps: ActingDeps & { db: Db; clock: Clock },
  walletId: number,
): Promise<Checked<boolean>> {
  return transact(deps.db, async (tx): Promise<Checked<boolean>> => {
    const wallet = await lockWallet(tx, walletId);
    if (!wallet) return fault('wallet', 'there is no wallet with this id');
    const explained = await explain(tx, { network: wallet.network, addressKey: wallet.address_key });
    const userId = await userOfMerchant(tx, wallet.merchant_id);
    if (explained)
      await note(
        tx,
        deps,
        { userId, action: 'wallet.explained', target: `wallet ${walletId}` },
        deps.clock.now(),
      );
    return ok(explained);
  });
}
