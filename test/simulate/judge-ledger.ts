/**
 * What every user's balance should be, counted anew from what became of the invoices and from what was agreed: nothing is
 * read of the books but the balances, and nothing is shared with the code that keeps them.
 */
import type { World } from './world.ts';

type Row = {
  merchant_id: number;
  client_reference_id: string;
  status: string;
  exception: string | null;
  requested_amount: string;
};

/** Decimals of the database, all 8 of them, in whole 10^-8. */
const units = (text: string) => BigInt(text.replace('.', ''));

export async function judgeLedger(world: World): Promise<string[]> {
  const invoices = await world.admin.rows<Row>(
    'select merchant_id, client_reference_id, status, exception, requested_amount from invoices',
  );
  const balances = await world.admin.rows<{ user_id: number; balance: string }>(
    'select user_id, balance from accounts where user_id is not null',
  );
  const kinds = await world.admin.rows<{ kind: string }>('select kind from journal_entries');
  for (const { kind } of kinds) world.reach(`booked ${kind}`);
  const due = expected(world, invoices);
  const kept = new Map(balances.map(row => [row.user_id, units(row.balance)]));
  return [...due].flatMap(([user, sum]) => {
    const balance = kept.get(user) ?? 0n;
    return balance === sum ? [] : [`user ${user} has ${balance} where ${sum} is due`];
  });
}

/** A paid invoice that stands costs its user the percent of what was asked, upwards; a top-up adds what was asked. */
function expected(world: World, invoices: readonly Row[]): Map<number, bigint> {
  const due = new Map(world.users.map(({ id }) => [id, 0n]));
  const move = (user: number, amount: bigint) => due.set(user, (due.get(user) ?? 0n) + amount);
  for (const { merchant_id, client_reference_id, status, exception, requested_amount } of invoices) {
    const isPaid = status === 'completed' || status === 'paid_manually';
    if (!isPaid || exception === 'reversed') continue;
    const user = world.users.find(({ merchantId }) => merchantId === merchant_id);
    if (!user) throw new Error(`merchant ${merchant_id} has no user`);
    const asked = units(requested_amount);
    const topUp = world.topUps.get(client_reference_id) ?? null;
    if (topUp !== null) move(topUp, asked);
    else move(user.id, -((asked * user.percent + 999_999n) / 1_000_000n));
  }
  return due;
}
