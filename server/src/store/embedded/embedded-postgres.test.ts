import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectToRunning } from './connect-to-running.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { layoutOf } from './layout.ts';
import type { PostgresConnection } from './session.ts';

let base: string;
/** A throw-away data folder with an initialised cluster, shared by the tests that leave it as it was. */
let made: string;
const running: EmbeddedPostgres[] = [];

async function start(dir: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined, ...more });
  if (!started.ok) throw new Error(started.fault);
  running.push(started.value);
  return started.value;
}

async function fault(dir: string, more: Partial<EmbeddedOptions> = {}): Promise<string> {
  const started = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined, ...more });
  if (!started.ok) return started.fault;
  running.push(started.value);
  throw new Error('it started');
}

async function query(connection: PostgresConnection, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(connection);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  made = join(base, 'made');
  await (await start(made)).stop();
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', () => {
  test('makes a cluster fit for money on a fresh folder and keeps it over a restart', async () => {
    const dir = join(base, 'fresh', 'below');
    const first = await start(dir, { durable: true });
    await query(first.connection, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    await first.stop();
    const second = await start(dir, { durable: true });
    expect(await query(second.connection, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    const settings = await query(
      second.connection,
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes',
        'data_checksums', 'server_encoding', 'listen_addresses', 'client_connection_check_interval') ORDER BY name`,
    );
    expect(settings.map(row => `${row.name}=${row.setting}`)).toEqual([
      'client_connection_check_interval=1000',
      'data_checksums=on',
      'fsync=on',
      'full_page_writes=on',
      'listen_addresses=',
      'server_encoding=UTF8',
      'synchronous_commit=on',
    ]);
    const locale = `SELECT datlocprovider AS provider, datlocale AS locale FROM pg_database WHERE datname = 'cryptoscan'`;
    expect(await query(second.connection, locale)).toEqual([{ provider: 'b', locale: 'C.UTF-8' }]);
    const rights = 'SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user';
    expect(await query(second.connection, rights)).toEqual([{ rolsuper: false, rolcreatedb: false }]);
    const record = await stat(layoutOf(dir, 18).record);
    expect(record.mode & 0o777).toBe(0o600);
  });

  test('refuses to run a database of money once its role was told not to wait for the disk', async () => {
    const dir = join(base, 'careless');
    const server = await start(dir, { durable: true });
    await query(server.connection, 'ALTER ROLE cryptoscan SET synchronous_commit = off');
    await server.stop();
    expect(await fault(dir, { durable: true })).toContain('synchronous_commit = off');
    expect(await fault(dir, { durable: false })).toContain(dir);
  });

  test('does not open a throw-away cluster as a database of money', async () => {
    expect(await fault(made, { durable: true })).toContain('must not hold money');
  });

  test('lets the role of a throw-away cluster copy databases from a template', async () => {
    const server = await start(made);
    await query(server.connection, 'CREATE DATABASE template_db');
    await query({ ...server.connection, database: 'template_db' }, 'CREATE TABLE t (n int)');
    await query(server.connection, 'CREATE DATABASE copied TEMPLATE template_db');
    expect(await query({ ...server.connection, database: 'copied' }, 'SELECT n FROM t')).toEqual([]);
    await query(server.connection, 'DROP DATABASE template_db');
    await query(server.connection, 'DROP DATABASE copied');
  });

  test('works below a path far longer than a socket address', async () => {
    const dir = join(base, 'long', 'x'.repeat(120), 'y'.repeat(120));
    const server = await start(dir);
    expect(await query(server.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is won by exactly one of two who start at once, and the other is told the folder', async () => {
    const [a, b] = await Promise.all(
      [1, 2].map(() => startEmbeddedPostgres({ dir: made, durable: false, log: () => undefined })),
    );
    const results = [a!, b!];
    for (const result of results) if (result.ok) running.push(result.value);
    expect(results.filter(result => result.ok)).toHaveLength(1);
    expect(results.find(result => !result.ok)).toEqual({ ok: false, fault: expect.stringContaining(made) });
  });

  test('frees the folder when a start is aborted, and the next one finishes the work', async () => {
    const dir = join(base, 'aborted');
    const reason = new Error('changed my mind');
    const abort = new AbortController();
    const log = (line: string) => {
      if (line.startsWith('making a new')) setImmediate(() => abort.abort(reason));
    };
    const starting = startEmbeddedPostgres({ dir, durable: false, log, signal: abort.signal });
    await expect(starting).rejects.toBe(reason);
    expect((await readdir(layoutOf(dir, 18).root)).filter(name => name.startsWith('new-'))).toEqual([]);
    expect(await query((await start(dir)).connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('leaves no listening port and no process behind', async () => {
    const server = await start(made);
    const pid = Number(
      (await readFile(join(layoutOf(made, 18).data, 'postmaster.pid'), 'utf8')).split('\n')[0],
    );
    await server.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await server.stop();
  });
});

describe('a data folder of another PostgreSQL', () => {
  test('is refused with both versions and the record that says what to do', async () => {
    const dir = join(base, 'older');
    await mkdir(join(dir, 'postgresql', '17', 'data'), { recursive: true });
    await writeFile(join(dir, 'postgresql', '17', 'data', 'PG_VERSION'), '17\n');
    const said = await fault(dir);
    for (const part of ['PostgreSQL 17', 'PostgreSQL 18', 'docs/decisions/0003', dir])
      expect(said).toContain(part);
  });

  test('is refused when a newer major has already replaced ours', async () => {
    const newer = join(made, 'postgresql', '19', 'data');
    await mkdir(newer, { recursive: true });
    await writeFile(join(newer, 'PG_VERSION'), '19\n');
    const said = await fault(made);
    await rm(join(made, 'postgresql', '19'), { recursive: true });
    expect(said).toContain('PostgreSQL 19');
  });

  test('is opened beside the older one that it replaced', async () => {
    const older = join(made, 'postgresql', '17', 'data');
    await mkdir(older, { recursive: true });
    await writeFile(join(older, 'PG_VERSION'), '17\n');
    const server = await start(made);
    await rm(join(made, 'postgresql', '17'), { recursive: true });
    expect(await query(server.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is refused when the folder is named by one major and holds another', async () => {
    const file = join(layoutOf(made, 18).data, 'PG_VERSION');
    await writeFile(file, '16\n');
    const said = await fault(made);
    await writeFile(file, '18\n');
    expect(said).toContain('PostgreSQL 16');
  });

  test('is refused when the passwords are gone', async () => {
    const { record } = layoutOf(made, 18);
    await rename(record, `${record}.away`);
    const said = await fault(made);
    await rename(`${record}.away`, record);
    expect(said).toContain(record);
  });
});

describe('a second process on the folder', () => {
  test('reaches the running server by a descriptor of its own', async () => {
    const server = await start(made);
    await query(server.connection, 'CREATE TABLE shared AS SELECT 5 AS n');
    const other = await connectToRunning(made);
    if (!other.ok) throw new Error(other.fault);
    expect(other.value.connection.host).not.toBe(server.connection.host);
    expect(await query(other.value.connection, 'SELECT n FROM shared')).toEqual([{ n: 5 }]);
    await other.value.close();
    await query(server.connection, 'DROP TABLE shared');
  });

  test('is told when nothing runs there, or was never made', async () => {
    expect(await connectToRunning(made)).toEqual({ ok: false, fault: expect.stringContaining(made) });
    const empty = await mkdtemp(join(base, 'empty-'));
    expect(await connectToRunning(empty)).toEqual({ ok: false, fault: expect.stringContaining(empty) });
  });
});

test('no test above needs the library names that an install script would have made', async () => {
  const { stdout } = await promisify(execFile)('find', [
    '-L',
    join(layoutOf(made, 18).root, 'links'),
    '-type',
    'f',
  ]);
  expect(stdout).toContain('libicuuc.so.60');
});
