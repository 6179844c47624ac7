/** Replacing a merchant's keys: a new pair at once, the old ones accepted for a while longer. */
import { ok } from '../lib/result.ts';
import { transact } from '../store/db.ts';
import { insertKey, lockMerchant, retireKeys } from '../store/merchants.ts';
import { note } from './acting.ts';
import { type MerchantDeps, newKeys } from './create-merchant.ts';
import { type Checked, fault } from './faults.ts';

const HOUR = 3_600_000;
const LONGEST_OVERLAP = 720;

/** The new pair, shown once; the old ones end after `overlapHours` (0: now). */
export async function rotateKeys(
  deps: Omit<MerchantDeps, 'allow'>,
  { merchantId, overlapHours }: { merchantId: number; overlapHours: number },
): Promise<Checked<{ publicKey: string; privateKey: string }>> {
  if (!Number.isInteger(overlapHours) || overlapHours < 0 || overlapHours > LONGEST_OVERLAP) {
    return fault('overlapHours', `must be a whole number of hours, at most ${LONGEST_OVERLAP}`);
  }
  const now = deps.clock.now();
  const keys = newKeys(deps);
  return transact(deps.db, async (tx): Promise<Checked<typeof keys>> => {
    const row = await lockMerchant(tx, merchantId);
    if (!row) return fault('merchant', 'there is no merchant with this id');
    await retireKeys(tx, merchantId, now + overlapHours * HOUR);
    await insertKey(tx, deps.vault, { merchantId, ...keys }, now);
    const entry = { userId: row.user_id, action: 'keys.rotate', target: `merchant ${merchantId}` };
    await note(tx, deps, { ...entry, after: { publicKey: keys.publicKey, overlapHours } }, now);
    return ok(keys);
  });
}
