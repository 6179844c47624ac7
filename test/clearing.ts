/**
 * Empties a database between two tests. Every row is deleted in one statement, at whose end the references are looked
 * at, and not truncated: that makes files anew for every table and index, full or empty, and takes thirty times as long.
 */
import { sql } from 'kysely';
import { type Db, type Tx, transact } from '../server/src/store/db.ts';

/** What only grows refuses to be emptied; its owner may say otherwise. */
const ONLY_GROW = ['journal_entries', 'postings', 'audit_log'];

/** Answers what empties every table of this database and starts every sequence anew. */
export function clearing(db: Db): () => Promise<void> {
  let known: Promise<string> | undefined;
  return async () => {
    known ??= statementFor(db);
    const statement = await known;
    await transact(db, async tx => {
      const guarded = await grown(tx);
      for (const table of guarded) await trigger(tx, table, 'disable');
      await sql.raw(statement).execute(tx);
      for (const table of guarded) await trigger(tx, table, 'enable');
    });
  };
}

const trigger = (tx: Tx, table: string, what: 'disable' | 'enable') =>
  sql`alter table ${sql.table(table)} ${sql.raw(what)} trigger user`.execute(tx);

/** Those of them that have rows: switching their guards costs more than all the rest. */
async function grown(tx: Tx): Promise<string[]> {
  const each = ONLY_GROW.map(table => `select '${table}' as name where exists (select from ${table})`);
  const { rows } = await sql.raw<{ name: string }>(each.join(' union all ')).execute(tx);
  return rows.map(({ name }) => name);
}

async function statementFor(db: Db): Promise<string> {
  const tables = await db.introspection.getTables();
  const { rows } = await sql<{ name: string }>`
    select quote_ident(sequencename) as name from pg_sequences where schemaname = 'public'`.execute(db);
  const deletes = tables.map(({ name }, index) => `d${index} as (delete from "${name}")`);
  const restarts = rows.map(({ name }) => `setval('${name}', 1, false)`);
  return `with ${deletes.join(', ')} select ${restarts.join(', ')}`;
}
