/** Changing a user's balance by hand: an entry of its own in the books, with the operator's reason. */
import { z } from 'zod';
import { parseUsd, type Usd } from '../domain/usd.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { balanceOf, post } from '../store/ledger.ts';
import { findUser } from '../store/users.ts';
import { type Checked, check, fault } from './faults.ts';

/** Dollars that are not nothing. */
const amountField = z.string('is required').transform((text, context) => {
  const amount = parseUsd(text);
  if (amount.ok && amount.value !== 0n) return amount.value;
  context.addIssue({ code: 'custom', message: amount.ok ? 'must not be 0' : amount.fault });
  return z.NEVER;
});

const schema = z.object({
  amount: amountField,
  memo: z
    .string('is required')
    .trim()
    .min(1, 'must not be empty')
    .max(500, 'must have at most 500 characters'),
});

/** Answers the balance that came of it. */
export async function adjustBalance(
  { db, clock }: { db: Db; clock: Clock },
  userId: number,
  input: { amount: unknown; memo: unknown },
): Promise<Checked<{ balance: Usd }>> {
  const checked = check(schema, input);
  if (!checked.ok) return checked;
  const { amount, memo } = checked.value;
  return transact(db, async tx => {
    if (!(await findUser(tx, userId))) return fault('user', 'there is no user with this id');
    const entry = { kind: 'adjustment', against: 'adjustments', invoiceId: null } as const;
    await post(tx, [{ ...entry, owner: { userId }, amount, memo }], clock.now());
    return ok({ balance: await balanceOf(tx, userId) });
  });
}
