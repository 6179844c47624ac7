/** Invoices that top up a balance, and the operator's merchant who makes them. */
import { sql } from 'kysely';
import { isEnded, type Status } from '../domain/invoice.ts';
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

/** Whoever else asks for a top-up of this user waits; false when there is no such user. */
export async function lockTopUps(tx: Tx, userId: number): Promise<boolean> {
  // Not a lock that keeps others from booking to the user.
  const row = await tx
    .selectFrom('users')
    .select('id')
    .where('id', '=', userId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row !== undefined;
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

/** `requested` with 8 decimals; times in ms. */
export type UnpaidTopUp = {
  id: number;
  clientReferenceId: string;
  pageId: string | null;
  requested: string;
  expireAt: number;
  isOpen: boolean;
};

const PAID: readonly Status[] = ['confirming', 'completed', 'paid_manually'];

/** What a user has asked for since then and not paid, newest first: each holds an amount of the operator's wallet, or has held one. */
export async function unpaidTopUps(tx: Tx, userId: number, since: number): Promise<UnpaidTopUp[]> {
  const rows = await tx
    .selectFrom('invoices')
    .select(['id', 'client_reference_id', 'page_id', 'requested_amount', 'expire_at', 'status'])
    .where('top_up_user_id', '=', userId)
    .where('created_at', '>', sql<number>`${new Date(since)}`)
    .where('status', 'not in', PAID)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(row => ({
    id: row.id,
    clientReferenceId: row.client_reference_id,
    pageId: row.page_id,
    requested: row.requested_amount,
    expireAt: row.expire_at,
    isOpen: !isEnded(row.status),
  }));
}
