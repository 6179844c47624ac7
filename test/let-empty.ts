/** For tests that begin anew: what only grows refuses to be emptied. */
import { sql } from 'kysely';
import type { Db } from '../server/src/store/db.ts';

/** Lets the tables be emptied that refuse it, as only their owner may. */
export async function letEmpty(db: Db): Promise<void> {
  const switches = ['journal_entries', 'postings', 'audit_log'].map(
    table => `alter table ${table} disable trigger ${table}_never_emptied`,
  );
  await sql.raw(switches.join('; ')).execute(db);
}
