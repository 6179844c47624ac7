import { type ChildProcess, spawn } from 'node:child_process';
import {
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BINARIES_ENVIRONMENT } from './binaries.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { layoutOf } from './layout.ts';
import type { PostgresConnection } from './session.ts';
import { pauseBefore } from './supervisor.ts';

let base: string;
let dir: string;
const running: EmbeddedPostgres[] = [];
const pools: Pool[] = [];
const children: ChildProcess[] = [];
const lines: string[] = [];

async function start(folder = dir): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ dir: folder, log: line => lines.push(line) });
  if (!started.ok) throw new Error(started.fault);
  running.push(started.value);
  return started.value;
}

function poolOf(server: EmbeddedPostgres): Pool {
  const pool = new Pool({ ...server.connection, max: 4 });
  pool.on('error', () => undefined);
  pools.push(pool);
  return pool;
}

async function one(connection: PostgresConnection): Promise<number> {
  const client = new Client(connection);
  await client.connect();
  try {
    return (await client.query('SELECT 1 AS one')).rows[0].one;
  } finally {
    await client.end();
  }
}

const data = () => layoutOf(dir, 18).data;
const lockFiles = () => [join(data(), 'postmaster.pid'), join(data(), '.s.PGSQL.5432.lock')];

async function postmasterPid(): Promise<number> {
  const text = await readFile(join(data(), 'postmaster.pid'), 'utf8').catch(() => '');
  return Number(text.split('\n')[0]);
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await delay(10);
}

/** Waits for an answer of the pool's from a postmaster other than `old`. */
async function recovered(pool: Pool, old: number): Promise<void> {
  await until(async () => {
    const pid = await postmasterPid();
    if (pid === old || !(pid > 0)) return false;
    return pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
  });
}

/** Puts a lock file there as PostgreSQL itself would have left it. */
async function leave(path: string, text: string): Promise<void> {
  const { uid, gid } = await stat(data());
  await writeFile(path, text, { mode: 0o600 });
  await chown(path, uid, gid);
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'embedded-recovery-'));
  dir = join(base, 'data');
  await (await start()).stop();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const pool of pools.splice(0)) await pool.end();
  for (const server of running.splice(0)) await server.stop();
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

describe('a server killed under us', () => {
  test('is started again by itself and has lost no acknowledged row, round after round', async () => {
    const pool = poolOf(await start());
    await pool.query('CREATE TABLE rows (n int PRIMARY KEY)');
    const acknowledged: number[] = [];
    let [next, isWriting] = [0, true];
    const writing = (async () => {
      while (isWriting) {
        const n = next++;
        await pool.query('INSERT INTO rows VALUES ($1)', [n]).then(
          () => acknowledged.push(n),
          () => delay(5),
        );
      }
    })();
    for (let round = 1; round <= 3; round += 1) {
      const before = acknowledged.length;
      await until(() => acknowledged.length >= before + 20);
      const old = await postmasterPid();
      process.kill(old, 'SIGKILL');
      await recovered(pool, old);
    }
    isWriting = false;
    await writing;
    const stored = new Set((await pool.query('SELECT n FROM rows')).rows.map(row => row.n));
    expect(acknowledged.filter(n => !stored.has(n))).toEqual([]);
    await pool.query('DROP TABLE rows');
  });

  test('comes back although one of its backends was deep in a long query', async () => {
    const pool = poolOf(await start());
    const busy = pool.query('SELECT count(*) FROM generate_series(1, 1000000000) a').catch(() => 'cut off');
    await until(async () => {
      const active = `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 1%'
        AND pid <> pg_backend_pid()`;
      return (await pool.query(active)).rowCount === 1;
    });
    const old = await postmasterPid();
    process.kill(old, 'SIGKILL');
    await recovered(pool, old);
    expect(await busy).toBe('cut off');
  });

  test('is tried again until what kept it down is gone', async () => {
    const pool = poolOf(await start());
    const control = join(data(), 'global', 'pg_control');
    const old = await postmasterPid();
    lines.length = 0;
    await rename(control, `${control}.away`);
    process.kill(old, 'SIGKILL');
    await until(() => lines.some(line => line.includes('could not be started again')));
    await rename(`${control}.away`, control);
    await recovered(pool, old);
  });

  test('can be stopped while it cannot be brought back', async () => {
    const server = await start();
    const control = join(data(), 'global', 'pg_control');
    lines.length = 0;
    await rename(control, `${control}.away`);
    process.kill(await postmasterPid(), 'SIGKILL');
    await until(() => lines.filter(line => line.includes('could not be started again')).length > 1);
    await server.stop();
    await rename(`${control}.away`, control);
    expect(await one((await start()).connection)).toBe(1);
  });

  test('is not tried more and more often', () => {
    const pauses = Array.from({ length: 20 }, (_, failures) => pauseBefore(failures));
    expect(pauses.slice(0, 5)).toEqual([0, 0, 100, 200, 400]);
    expect(pauses.at(-1)).toBe(30_000);
  });
});

describe('what an earlier run left in the folder', () => {
  test.each([
    ['empty lock files, torn by a crash', ''],
    ['lock files of zero bytes, torn by a power cut', '\0'.repeat(64)],
  ])('%s do not keep the server from starting', async (_, text) => {
    for (const path of lockFiles()) await leave(path, text);
    expect(await one((await start()).connection)).toBe(1);
  });

  test('lock files whose process number now belongs to another program do not either', async () => {
    const server = await start();
    for (const path of lockFiles()) await copyFile(path, join(base, path.endsWith('pid') ? 'pid' : 'lock'));
    await server.stop();
    const { uid, gid } = await stat(data());
    const as = process.geteuid?.() === 0 ? { uid, gid } : {};
    const stranger = spawn('sleep', ['600'], { ...as, stdio: 'ignore' });
    children.push(stranger);
    for (const [index, name] of ['pid', 'lock'].entries()) {
      const rest = (await readFile(join(base, name), 'utf8')).split('\n').slice(1);
      await leave(lockFiles()[index]!, [stranger.pid, ...rest].join('\n'));
    }
    expect(await one((await start()).connection)).toBe(1);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  test('a half-made cluster and the password file beside it are swept away', async () => {
    const folder = join(base, 'half');
    const { root } = layoutOf(folder, 18);
    await mkdir(join(root, 'new-abcdef', 'base'), { recursive: true });
    await writeFile(join(root, 'new-abcdef', 'PG_VERSION'), '18\n');
    await writeFile(join(root, 'new-abcdef.password'), 'x');
    expect(await one((await start(folder)).connection)).toBe(1);
    expect((await readdir(root)).filter(name => name.startsWith('new-'))).toEqual([]);
  });

  test('a server nobody looks after is stopped in order and ours started', async () => {
    const first = await start();
    const pid = await postmasterPid();
    const commandLine = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
    await first.stop();
    const { uid, gid } = await stat(data());
    const as = process.geteuid?.() === 0 ? { uid, gid } : {};
    const env = BINARIES_ENVIRONMENT;
    const options = { ...as, cwd: data(), env, detached: true, stdio: 'ignore' as const };
    const orphan = spawn(commandLine[0]!, commandLine.slice(1), options);
    children.push(orphan);
    await until(async () => (await readFile(lockFiles()[0]!, 'utf8').catch(() => '')).includes('ready'));
    lines.length = 0;
    expect(await one((await start()).connection)).toBe(1);
    expect(await postmasterPid()).not.toBe(orphan.pid);
    expect(lines.join()).toContain(String(orphan.pid));
    expect(orphan.exitCode).toBe(0);
  });
});
