/** Invoices that top up a balance, and the operator's merchant who makes them. */
import type { Db, Tx } from './db.ts';

/** What a create needs to know of the merchant that takes top-ups; null while none is named. */
export async function topUpMerchant(
  db: Db,
): Promise<{ id: number; compat: boolean; paymentMinutes: number } | null> {
  const row = await db
    .selectFrom('installation as o')
    .innerJoin('merchants as m', 'm.id', 'o.top_up_merchant_id')
    .select(['m.id', 'm.compat', 'm.payment_minutes as paymentMinutes'])
    .executeTakeFirst();
  return row ?? null;
}

export async function setTopUpMerchant(tx: Tx, merchantId: number): Promise<void> {
  await tx.updateTable('installation').set({ top_up_merchant_id: merchantId }).where('id', '=', 1).execute();
}

/** How many top-ups a user has asked for so far. */
export async function countTopUps(db: Db, userId: number): Promise<number> {
  const row = await db
    .selectFrom('invoices')
    .select(eb => eb.fn.countAll<number>().as('n'))
    .where('top_up_user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return row.n;
}
