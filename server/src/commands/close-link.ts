/** Closing a payment link for good. Invoices made through it stay as they are. */
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { userOfMerchant } from '../store/merchants.ts';
import * as links from '../store/payment-links.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Checked, fault } from './faults.ts';

export async function closeLink(
  deps: ActingDeps & { db: Db; clock: Clock },
  id: string,
): Promise<Checked<{ id: string }>> {
  return transact(deps.db, async (tx): Promise<Checked<{ id: string }>> => {
    const link = await links.lockLink(tx, id);
    if (!link) return fault('link', 'there is no payment link with this id');
    if (!link.active) return ok({ id });
    await links.closeLink(tx, id);
    const userId = await userOfMerchant(tx, link.merchantId);
    await note(tx, deps, { userId, action: 'link.close', target: `payment link ${id}` }, deps.clock.now());
    return ok({ id });
  });
}
