/** What people leave behind that protects nothing any more: ended sessions, spent links, forgotten tries. */
import { sql } from 'kysely';
import type { Db } from './db.ts';

/** Tables with the column that says when a row is over, and how long it is kept after that, in ms. */
const DAY = 86_400_000;
const tables = [
  ['sessions', 'expires_at', 0],
  ['passkey_challenges', 'expires_at', 0],
  ['password_resets', 'expires_at', 0],
  ['invitations', 'expires_at', 0],
  ['telegram_codes', 'expires_at', 0],
  ['email_changes', 'expires_at', 0],
  ['tries', 'last_at', DAY],
  ['known_devices', 'seen_at', 400 * DAY],
] as const;

/** Deletes at most `limit` rows of each table; answers how many. */
export async function deleteStale(db: Db, now: number, limit: number): Promise<number> {
  let deleted = 0;
  for (const [table, column, kept] of tables) {
    const { numAffectedRows } = await sql`
      delete from ${sql.table(table)} where ctid in (
        select ctid from ${sql.table(table)} where ${sql.ref(column)} < ${new Date(now - kept)}
         order by ${sql.ref(column)} limit ${limit} for update skip locked)`.execute(db);
    deleted += Number(numAffectedRows ?? 0n);
  }
  return deleted;
}
