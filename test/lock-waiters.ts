import { sql } from 'kysely';
import type { Db } from '../server/src/store/db.ts';

/** How many statements of a database wait for another transaction. */
export async function lockWaiters(db: Db): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows[0]?.waiting ?? 0;
}
