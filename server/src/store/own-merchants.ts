/** The names of an account's merchants: what its lists can be narrowed by, and may be narrowed by alone. */
import type { Db } from './db.ts';

export type OwnMerchant = { id: number; name: string };

/** Oldest first. */
export async function ownMerchants(db: Db, userId: number): Promise<OwnMerchant[]> {
  return db
    .selectFrom('merchants')
    .select(['id', 'name'])
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute();
}
