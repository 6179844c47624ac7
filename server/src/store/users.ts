/** Users: the people whose merchants are here. */
import { type Selectable, sql } from 'kysely';
import type { Db, Tx } from './db.ts';
import type { Schema } from './schema.ts';

export type UserRow = Selectable<Schema['users']>;

export async function findUser(db: Db, id: number): Promise<UserRow | null> {
  const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** The id of the user with this e-mail address, letter case aside; null for none. */
export async function userIdByEmail(db: Db, email: string): Promise<number | null> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Answers the new user's id, or null when the e-mail address has one already (letter case does not matter). */
export async function insertUser(
  tx: Tx,
  user: { email: string; passwordHash: string | null; commissionPercent?: string | null },
  now: number,
): Promise<number | null> {
  const row = await tx
    .insertInto('users')
    .values({
      email: user.email,
      password_hash: user.passwordHash,
      status: 'Active',
      commission_percent: user.commissionPercent ?? null,
      created_at: new Date(now),
    })
    .onConflict(conflict => conflict.expression(sql`lower(email)`).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Locks a user for a change. */
export async function lockUser(tx: Tx, id: number): Promise<UserRow | null> {
  const row = await tx.selectFrom('users').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ?? null;
}

/** `percent`: null for the operator's default. */
export async function setCommission(tx: Tx, id: number, percent: string | null): Promise<void> {
  await tx.updateTable('users').set({ commission_percent: percent }).where('id', '=', id).execute();
}

/** Users for people to look at, oldest first; `balance` with 8 decimals, null for one who never had any. */
export async function listUsers(db: Db) {
  return db
    .selectFrom('users as u')
    .leftJoin('accounts as a', 'a.user_id', 'u.id')
    .select(['u.id', 'u.email', 'u.status', 'u.commission_percent', 'a.balance'])
    .orderBy('u.id')
    .execute();
}
