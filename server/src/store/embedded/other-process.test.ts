import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { layoutOf } from './layout.ts';
import type { PostgresConnection } from './session.ts';

const NOBODY = 65534;
const UNLISTED = 54321;
const isRoot = process.geteuid?.() === 0;

let base: string;
const owners: ChildProcess[] = [];
const running: EmbeddedPostgres[] = [];

type Told = { ok: boolean; fault?: string; one?: number; error?: string };

/** Starts a server on `dir` in a process group of its own, which holds it until it is killed or its input ends. */
async function startElsewhere(dir: string, uid?: number): Promise<{ owner: ChildProcess; told: Told }> {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('./embedded-postgres.ts', import.meta.url).href)});
    const { withSession } = await import(${JSON.stringify(new URL('./session.ts', import.meta.url).href)});
    const options = { dir: ${JSON.stringify(dir)}, durable: false, log: () => undefined };
    const started = await startEmbeddedPostgres(options).catch(error => ({ ok: false, error: error.message }));
    if (!started.ok) console.log(JSON.stringify(started));
    else {
      const rows = await withSession(started.value.connection, client => client.query('SELECT 1 AS one'));
      console.log(JSON.stringify({ ok: true, one: rows.rows[0].one }));
      for await (const chunk of process.stdin);
      await started.value.stop();
    }`;
  const as = uid === undefined ? {} : { uid, gid: uid };
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
  const env = { ...process.env, TMPDIR: tmpdir(), HOME: '/nonexistent', TSX_DISABLE_CACHE: '1' };
  const owner = spawn(process.execPath, args, {
    ...as,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  owners.push(owner);
  const [line] = await once(createInterface({ input: owner.stdout! }), 'line');
  return { owner, told: JSON.parse(line) };
}

async function orderlyEnd(owner: ChildProcess): Promise<void> {
  const ended = once(owner, 'exit');
  owner.stdin!.end();
  await ended;
}

/** The processes whose working folder is the cluster's; one that is dead and only not yet reaped shows none. */
async function processesIn(dir: string): Promise<number[]> {
  const { data } = layoutOf(dir, 18);
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    if ((await readlink(`/proc/${name}/cwd`).catch(() => '')) === data) found.push(Number(name));
  }
  return found;
}

async function processNamed(dir: string, part: string): Promise<number | undefined> {
  for (const pid of await processesIn(dir)) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.includes(part)) return pid;
  }
  return undefined;
}

const watchdogIn = (dir: string) => processNamed(dir, 'cryptoscan-watchdog');

async function start(dir: string): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  running.push(started.value);
  return started.value;
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

function killGroup(owner: ChildProcess): void {
  try {
    process.kill(-owner.pid!, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'embedded-other-'));
});

afterEach(async () => {
  for (const owner of owners.splice(0)) killGroup(owner);
  for (const server of running.splice(0)) await server.stop();
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

describe('an owner that is killed with its whole process group', () => {
  test('leaves no PostgreSQL process, and the next start works', async () => {
    const dir = join(base, 'killed');
    const { owner, told } = await startElsewhere(dir);
    expect(told).toEqual({ ok: true, one: 1 });
    expect((await processesIn(dir)).length).toBeGreaterThan(5);
    killGroup(owner);
    while ((await processesIn(dir)).length > 0) await delay(20);
    expect(await one((await start(dir)).connection)).toBe(1);
  });

  test('leaves none either when its first watchdog had been killed before it', async () => {
    const dir = join(base, 'killed');
    const { owner } = await startElsewhere(dir);
    const first = await watchdogIn(dir);
    process.kill(first!, 'SIGKILL');
    while ([first, undefined].includes(await watchdogIn(dir))) await delay(20);
    killGroup(owner);
    while ((await processesIn(dir)).length > 0) await delay(20);
  });

  test('and whose watchdog does not act leaves a server that the next start takes over', async () => {
    const dir = join(base, 'killed');
    const { owner } = await startElsewhere(dir);
    const watchdog = (await watchdogIn(dir))!;
    const postmaster = await processNamed(dir, 'listen_addresses');
    process.kill(watchdog, 'SIGSTOP');
    killGroup(owner);
    await once(owner, 'exit');
    try {
      expect(await processesIn(dir)).toContain(postmaster);
      expect(await one((await start(dir)).connection)).toBe(1);
      expect(await processesIn(dir)).not.toContain(postmaster);
    } finally {
      process.kill(watchdog, 'SIGKILL');
    }
  });

  test('keeps others off the folder until then', async () => {
    const dir = join(base, 'killed');
    const { owner } = await startElsewhere(dir);
    const second = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined });
    expect(second).toEqual({ ok: false, fault: expect.stringContaining(dir) });
    await orderlyEnd(owner);
    expect(await processesIn(dir)).toEqual([]);
  });
});

/** Whether another user could run the program from this checkout at all: root's own folder is closed to everybody. */
const isOpenToAll = foldersAbove(fileURLToPath(import.meta.url)).every(
  path => (statSync(path).mode & 0o001) !== 0,
);

function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...foldersAbove(above)];
}

describe.runIf(isRoot)('root', () => {
  test('runs it below a folder that is closed to everybody else', async () => {
    const closed = await mkdtemp(join(base, 'closed-'));
    await chmod(closed, 0o700);
    expect(await one((await start(join(closed, 'data'))).connection)).toBe(1);
  });
});

describe.runIf(isRoot && isOpenToAll)('users', () => {
  test('an ordinary user runs it as itself, and root then runs it as that user', async () => {
    await chmod(base, 0o711);
    const dir = join(base, 'ordinary');
    await mkdir(dir);
    await chown(dir, NOBODY, NOBODY);
    const first = await startElsewhere(dir, NOBODY);
    expect(first.told).toEqual({ ok: true, one: 1 });
    await orderlyEnd(first.owner);
    const server = await start(dir);
    expect(await one(server.connection)).toBe(1);
    await server.stop();
    const again = await startElsewhere(dir, NOBODY);
    expect(again.told).toEqual({ ok: true, one: 1 });
  });

  test('an ordinary user is told who owns a folder made by root', async () => {
    await chmod(base, 0o711);
    const dir = join(base, 'of-root');
    await (await start(dir)).stop();
    const { told } = await startElsewhere(dir, NOBODY);
    expect(told.fault).toContain('root (uid 0)');
    expect(told.fault).toContain(dir);
  });

  test('an ordinary user is told who closed the way to the folder', async () => {
    await chmod(base, 0o700);
    const { told } = await startElsewhere(join(base, 'unreachable'), NOBODY);
    expect(told.fault).toContain(`${base} belongs to root (uid 0)`);
  });

  test('a user without an entry in the list of users is told that it needs one', async () => {
    await chmod(base, 0o711);
    const dir = join(base, 'unlisted');
    await mkdir(dir);
    await chown(dir, UNLISTED, UNLISTED);
    const { told } = await startElsewhere(dir, UNLISTED);
    expect(told.fault).toContain(`no user with the number ${UNLISTED}`);
  });
});
