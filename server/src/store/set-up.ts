/** The one-time set-up link. It is open while there is no person; the installation's row is the lock of the first one. */
import type { Db, Tx } from './db.ts';
import { anyPerson } from './people.ts';

/** `userId`: an account that is there already and goes to the first person; null: a new one is made. */
export type SetUp = { hash: Buffer | null; expiresAt: number | null; userId: number | null };

export async function findSetUp(db: Db): Promise<SetUp | null> {
  const row = await db
    .selectFrom('installation')
    .select(['set_up_hash', 'set_up_expires_at', 'set_up_user_id'])
    .where('id', '=', 1)
    .executeTakeFirst();
  if (!row || (await anyPerson(db))) return null;
  return { hash: row.set_up_hash, expiresAt: row.set_up_expires_at, userId: row.set_up_user_id };
}

/** Locks the set-up and answers it; null once there is a person. Whoever adds the first person goes through here. */
export async function lockSetUp(tx: Tx): Promise<SetUp | null> {
  await tx.selectFrom('installation').select('id').where('id', '=', 1).forUpdate().executeTakeFirstOrThrow();
  return findSetUp(tx);
}

export async function setSetUp(tx: Tx, { hash, expiresAt, userId }: SetUp): Promise<void> {
  await tx
    .updateTable('installation')
    .set({
      set_up_hash: hash,
      set_up_expires_at: expiresAt === null ? null : new Date(expiresAt),
      set_up_user_id: userId,
    })
    .where('id', '=', 1)
    .execute();
}
