/** Writes everything the database holds, as of one moment, into one file. The master key is not in the database, and so not in it. */
import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { mac, type Vault } from '../../lib/vault.ts';
import { type Connection, poolConfig } from '../db.ts';
import { opens } from '../installation.ts';
import { END_OF_ROWS, type Heading, sealed, type TableStart } from './format.ts';

export type Dumped = {
  file: string;
  bytes: number;
  sha256: string;
  schema: string[];
  rows: Record<string, number>;
};

type Dump = { vault: Vault; file: string; now: number };

/**
 * Makes the file, readable by its owner alone, and answers what is in it; nothing is left when it fails. Servers go on meanwhile: one
 * transaction sees one moment, and locks nothing but changes of the schema. Throws when the key is not the installation's. `now` in ms.
 */
export async function dump(connection: Connection, { vault, file, now }: Dump): Promise<Dumped> {
  const client = new pg.Client(poolConfig(connection, 1));
  client.on('error', () => undefined);
  await client.connect();
  try {
    await openSnapshot(client);
    const head = await headingOf(client, now);
    if (!opens(vault, Buffer.from(head.canary, 'base64')))
      throw new Error(
        'The master key is not the one this database was made with: with it the backup could never be restored.',
      );
    return await write(file, made => Readable.from(contents(client, { vault, head, made })));
  } finally {
    await client.end().catch(() => undefined);
  }
}

type Made = Pick<Dumped, 'sha256' | 'schema' | 'rows'>;

/** Under a name of its own until it is whole, so that of two at once into one file each is. */
async function write(file: string, read: (made: Made) => Readable): Promise<Dumped> {
  const partial = `${file}.${process.pid}.partial`;
  const into = await open(partial, 'wx', 0o600);
  try {
    const made: Made = { sha256: '', schema: [], rows: {} };
    await pipeline(read(made), createGzip({ level: 6 }), into.createWriteStream({ flush: true }));
    await rename(partial, file);
    return { file, bytes: (await stat(file)).size, ...made };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await into.close().catch(() => undefined);
  }
}

/**
 * A migration that rewrites a table between the snapshot and its COPY would leave it empty to that snapshot. So every table is
 * locked against that before the snapshot is taken, which the first question of the transaction does.
 */
async function openSnapshot(client: pg.Client): Promise<void> {
  for (;;) {
    const names = await tableNames(client);
    await client.query('begin isolation level repeatable read, read only');
    const locked = await lockAll(client, names);
    if (locked && String(await tableNames(client)) === String(names)) return;
    await client.query('rollback');
  }
}

const NO_SUCH_TABLE = '42P01';

/** false: one of them is gone meanwhile. */
async function lockAll(client: pg.Client, names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return true;
  const all = names.map(name => `public.${quoted(name)}`).join(', ');
  try {
    await client.query(`lock table ${all} in access share mode`);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === NO_SUCH_TABLE) return false;
    throw error;
  }
}

async function tableNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
  );
  return rows.map(({ name }) => name);
}

type Contents = { vault: Vault; head: Heading; made: Made };

async function* contents(client: pg.Client, { vault, head, made }: Contents): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const seen = (text: string | Buffer): Buffer => {
    const bytes = Buffer.from(text);
    hash.update(bytes);
    return bytes;
  };
  const line = (value: unknown) => seen(`${JSON.stringify(value)}\n`);
  made.schema = head.schema;
  yield line(head);
  for (const table of await tablesOf(client)) {
    yield line(table);
    const rows = client.query(copyTo(`copy ${target(table)} to stdout`));
    for await (const chunk of rows) yield seen(chunk as Buffer);
    made.rows[table.table] = rows.rowCount;
    yield seen(`${END_OF_ROWS}\n`);
  }
  yield line({ sequences: await sequencesOf(client) });
  made.sha256 = hash.digest('hex');
  const end = { rows: made.rows, sha256: made.sha256, mac: mac(vault, sealed(made.sha256)).toString('hex') };
  yield Buffer.from(`${JSON.stringify({ end })}\n`);
}

/** A table with its columns, as COPY names it. */
export const target = ({ table, columns }: TableStart): string =>
  `public.${quoted(table)} (${columns.map(quoted).join(', ')})`;

const quoted = (name: string): string => pg.escapeIdentifier(name);

async function headingOf(client: pg.Client, now: number): Promise<Heading> {
  const schema = await client.query<{ name: string }>('select name from kysely_migration order by name');
  const canary = await client.query<{ canary: Buffer }>('select canary from installation');
  const version = await client.query<{ server_version: string }>('show server_version');
  return {
    cryptoscan_backup: 1,
    made_at: new Date(now).toISOString(),
    postgres: version.rows[0]?.server_version ?? '',
    schema: schema.rows.map(({ name }) => name),
    canary: canary.rows[0]?.canary.toString('base64') ?? '',
  };
}

/** Every table but the record of migrations, each after those its rows refer to. */
async function tablesOf(client: pg.Client): Promise<TableStart[]> {
  const columns = await client.query<TableStart>(`
    select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attgenerated = ''
       and c.relname not like 'kysely_migration%'
     group by c.relname order by c.relname`);
  const references = await client.query<{ from: string; to: string }>(`
    select f.relname as from, t.relname as to from pg_constraint k
      join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
     where k.contype = 'f' and f.oid <> t.oid`);
  return ordered(columns.rows, references.rows);
}

/** Throws when tables refer to each other in a ring, which no order of loading would satisfy. */
function ordered(
  tables: readonly TableStart[],
  references: readonly { from: string; to: string }[],
): TableStart[] {
  const done: TableStart[] = [];
  const open = new Map(tables.map(table => [table.table, table]));
  while (open.size > 0) {
    const free = [...open.values()].filter(
      ({ table }) => !references.some(({ from, to }) => from === table && open.has(to)),
    );
    if (free.length === 0)
      throw new Error(`these tables refer to each other: ${[...open.keys()].join(', ')}`);
    for (const table of free) open.delete(table.table);
    done.push(...free);
  }
  return done;
}

async function sequencesOf(client: pg.Client): Promise<Record<string, number | null>> {
  const { rows } = await client.query<{ name: string; value: number | null }>(
    `select sequencename as name, last_value as value from pg_sequences where schemaname = 'public' order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
