/** What an operator may set for a user: a commission percent of the user's own. */
import { z } from 'zod';
import { parsePercent } from '../domain/commission.ts';
import { formatNumber } from '../domain/money.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { lockUser, setCommission } from '../store/users.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Checked, check, fault } from './faults.ts';
import { rule } from './rule.ts';

/** `default`: the operator's own percent, whatever it is at the time of an invoice. */
export const commissionField = z.string('must be a number or default').transform((text, context) => {
  if (text === 'default') return null;
  const percent = parsePercent(text);
  if (percent.ok) return formatNumber(percent.value);
  context.addIssue({ code: 'custom', message: percent.fault, params: rule('percent') });
  return z.NEVER;
});

/** Open invoices keep the percent they were made with. */
export async function changeUser(
  deps: { db: Db; clock: Clock } & ActingDeps,
  id: number,
  changes: { commission: unknown },
): Promise<Checked<{ id: number; commissionPercent: string | null }>> {
  const checked = check(z.object({ commission: commissionField }), changes);
  if (!checked.ok) return checked;
  const { commission } = checked.value;
  return transact(deps.db, async tx => {
    const user = await lockUser(tx, id);
    if (!user) return fault('user', 'there is no user with this id');
    await setCommission(tx, id, commission);
    const [before, after] = [{ commission: user.commission_percent }, { commission }];
    const entry = { userId: id, action: 'account.commission', target: `account ${id}` };
    await note(tx, deps, { ...entry, before, after }, deps.clock.now());
    return ok({ id, commissionPercent: commission });
  });
}
