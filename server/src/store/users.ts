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
  user: { email: string; passwordHash: string | null },
  now: number,
): Promise<number | null> {
  const row = await tx
    .insertInto('users')
    .values({
      email: user.email,
      password_hash: user.passwordHash,
      status: 'Active',
      balance: '0',
      created_at: new Date(now),
    })
    .onConflict(conflict => conflict.expression(sql`lower(email)`).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}
