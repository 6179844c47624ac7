/** Loads a backup into an empty database: all of it or nothing. */
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { fail, type Result } from '../../lib/result.ts';
import type { Vault } from '../../lib/vault.ts';
import { type Connection, type Db, poolConfig } from '../db.ts';
import { appliedMigrations, migrate, migrateTo } from '../migrate.ts';
import { target } from './dump.ts';
import { END_OF_ROWS, linesOf, sequences, type TableStart, tableStart } from './format.ts';
import { parsed, unpacked, type Verified, verify } from './verify.ts';

type Restore = { vault: Vault; file: string; now: number; waitMinutes: number };

/**
 * How far ahead of the backup invoices are numbered on: those made after it are not known any more, but their shops still
 * know their ids.
 */
const IDS_APART = 1_000_000;
/** Rows handed to the database at once, in bytes. */
const BATCH = 64 * 1024;

/**
 * Answers what was restored, or why nothing was. `db` and `connection` are of one database, which must be empty. Wallets
 * wait `waitMinutes` from `now` (ms) on before they take invoices.
 */
export async function restore(
  { db, connection }: { db: Db; connection: Connection },
  { vault, file, now, waitMinutes }: Restore,
): Promise<Result<Verified>> {
  const found = await verify(file, vault);
  if (!found.ok) return found;
  if (!(await isEmpty(db)))
    return fail('The database is not empty. Restore into a new one, and keep this one until all is well.');
  const { schema } = found.value;
  // What a later migration does to rows it would not do to these.
  if ((await appliedMigrations(db)).some((name, index) => schema[index] !== name))
    return fail(
      'The database has a newer schema than the backup. Restore into a new one, without any table.',
    );
  await migrateTo(db, schema.at(-1) ?? '');
  const client = new pg.Client(poolConfig(connection, 1));
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin');
    await load(client, file);
    await afterwards(client, { now, waitMinutes });
    await client.query('commit');
  } finally {
    await client.end().catch(() => undefined);
  }
  await migrate(db);
  return found;
}

/** Whether no table of ours has a row. */
async function isEmpty(db: Db): Promise<boolean> {
  const tables = await db.introspection.getTables();
  for (const { name } of tables) {
    const row = await db
      .selectFrom(name as 'users')
      .select(({ lit }) => lit(1).as('one'))
      .limit(1)
      .executeTakeFirst();
    if (row) return false;
  }
  return true;
}

async function load(client: pg.Client, file: string): Promise<void> {
  let into: Writable | null = null;
  let batch: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    if (size > 0 && into) await written(into, Buffer.concat(batch));
    batch = [];
    size = 0;
  };
  const loaded: string[] = [];
  for await (const line of linesOf(unpacked(file))) {
    if (!into) {
      const start = parsed(tableStart, line);
      if (start) {
        loaded.push(start.table);
        into = await open(client, start);
      }
      const ends = parsed(sequences, line);
      if (ends) await setSequences(client, ends.sequences);
      continue;
    }
    if (line.length === END_OF_ROWS.length + 1 && line.toString('latin1') === `${END_OF_ROWS}\n`) {
      await flush();
      into.end();
      await finished(into);
      into = null;
      continue;
    }
    batch.push(line);
    size += line.length;
    if (size >= BATCH) await flush();
  }
  await client.query('set constraints all immediate');
  for (const table of loaded)
    await client.query(`alter table ${pg.escapeIdentifier(table)} enable trigger user`);
}

/** What only grows was judged when it was written; `doctor` judges it again as a whole. */
async function open(client: pg.Client, start: TableStart): Promise<Writable> {
  await client.query(`alter table ${pg.escapeIdentifier(start.table)} disable trigger user`);
  return client.query(copyFrom(`copy ${target(start)} from stdin`)) as unknown as Writable;
}

function written(stream: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.write(bytes, error => {
      stream.off('error', reject);
      if (error) reject(error);
      else resolve();
    });
  });
}

async function setSequences(client: pg.Client, values: Record<string, number | null>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    if (value !== null)
      await client.query('select setval($1::regclass, $2)', [pg.escapeIdentifier(name), value]);
  }
}

/** What was good once and may have been used, or taken back, since: sessions, links, codes, and letters not yet written. */
const GOOD_ONCE = [
  'sessions',
  'password_resets',
  'mails',
  'invitations',
  'email_changes',
  'telegram_codes',
  'passkey_challenges',
];

/** What was true when the backup was made and must not be so again. */
async function afterwards(
  client: pg.Client,
  { now, waitMinutes }: { now: number; waitMinutes: number },
): Promise<void> {
  // An older backup has fewer tables.
  const there = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relname = any($1)`,
    [GOOD_ONCE],
  );
  const names = new Set(there.rows.map(({ name }) => name));
  for (const name of GOOD_ONCE) if (names.has(name)) await client.query(`delete from ${name}`);
  await client.query(`select setval('invoices_id_seq', coalesce((select last_value from pg_sequences
       where schemaname = 'public' and sequencename = 'invoices_id_seq'), 0) + ${IDS_APART})`);
  if (waitMinutes > 0)
    await client.query('update wallets set active_from = greatest(active_from, $1::timestamptz)', [
      new Date(now + waitMinutes * 60_000),
    ]);
}
