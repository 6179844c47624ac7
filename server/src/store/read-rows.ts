/**
 * Reading more rows than fit in memory: through a cursor of the database, in batches, and all of one moment. Nothing is
 * locked; but while it lasts the database keeps what was deleted or changed since, so a reader that stalls is cut off.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from './db.ts';

const BATCH = 1000;

/** How long a reader may do nothing between two batches: somebody who pages through a table is no fault. */
const PATIENCE = '10min';

/** Runs `work` on the database as it is at one moment; it can only read. */
export async function inSnapshot<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async tx => {
      await sql`select set_config('idle_in_transaction_session_timeout', ${PATIENCE}, true),
                       set_config('cursor_tuple_fraction', '1', true)`.execute(tx);
      return work(tx);
    });
}

/** The rows of a query in batches; one such reading at a time in a transaction. */
export async function* readRows<T>(tx: Tx, query: RawBuilder<T>): AsyncGenerator<T[]> {
  await sql`declare reading no scroll cursor for ${query}`.execute(tx);
  for (;;) {
    const { rows } = await sql<T>`${sql.raw(`fetch ${BATCH} from reading`)}`.execute(tx);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) break;
  }
  await sql`close reading`.execute(tx);
}
