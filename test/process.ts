/**
 * The program as a real process: started as an operator starts it, in a process group of its own, in a home of its own,
 * and killed as the kernel kills it. Nothing that is started here outlives the test file.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { main } from '../server/src/main.ts';
import { type Db, openDb, poolConfig } from '../server/src/store/db.ts';
import { connectToRunning } from '../server/src/store/embedded/connect-to-running.ts';
import { startEmbeddedPostgres } from '../server/src/store/embedded/embedded-postgres.ts';
import { host, onFreePort } from './gateway.ts';
import { until } from './until.ts';

const bin = fileURLToPath(new URL('../server/bin/cryptoscan.js', import.meta.url));
export const patience = { timeout: 50_000, interval: 20 };

const groups = new Set<number>();
const killAll = () => {
  for (const pid of groups) killGroup(pid);
};
process.on('exit', killAll);

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** A home folder: where the program keeps what no option puts elsewhere. */
export type Home = { dir: string; close(): Promise<void> };

export async function openHome(): Promise<Home> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-home-'));
  const close = async () => {
    await until(async () => (await processesOf(dir)).length === 0, patience);
    await rm(dir, { recursive: true, force: true });
  };
  return { dir, close };
}

type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type Program = {
  pid: number;
  stdout(): string;
  stderr(): string;
  exited: Promise<Exit>;
  /** Ends it with its whole process group and no warning. */
  kill(): Promise<void>;
  /** Asks it to end, as a supervisor does. */
  terminate(): Promise<Exit>;
};

export type LaunchOptions = { env?: Record<string, string>; input?: string };

/** Starts the program. Of the test's own environment it sees the search path only. */
export function launch({ dir }: Home, args: readonly string[], options: LaunchOptions = {}): Program {
  const env = { PATH: process.env.PATH ?? '', HOME: dir, TMPDIR: tmpdir(), ...options.env };
  const child = spawn(process.execPath, [bin, ...args], { cwd: dir, env, detached: true, stdio: 'pipe' });
  const pid = child.pid ?? 0;
  groups.add(pid);
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const exited = endOf(child).finally(() => groups.delete(pid));
  return {
    pid,
    stdout,
    stderr,
    exited,
    kill: async () => {
      // Once it has ended its number may be another's.
      if (groups.has(pid)) killGroup(pid);
      await exited;
    },
    terminate: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', chunk => {
    text += chunk;
  });
  return () => text;
}

/** `close` comes once the output is read to its end, too. */
async function endOf(child: ChildProcessWithoutNullStreams): Promise<Exit> {
  const [code, signal] = await once(child, 'close');
  return { code, signal };
}

/** Runs a command to its end. */
export async function run(home: Home, args: readonly string[], options: LaunchOptions = {}) {
  const program = launch(home, args, options);
  const { code } = await program.exited;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

/** Runs a command within this process, which is faster; for variations of what runs as a process elsewhere. */
export async function runHere(args: readonly string[], env: Record<string, string> = {}) {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map(name =>
    vi.spyOn(process[name], 'write').mockImplementation(text => {
      said[name] += String(text);
      return true;
    }),
  );
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    return { code: await main(args), ...said };
  } finally {
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
}

/** The line of JSON that a program prints when it is ready. Rejects with its last words when it ends before that. */
export async function ready<T>(program: Program): Promise<T> {
  let hasEnded = false;
  void program.exited.then(() => {
    hasEnded = true;
  });
  await until(() => hasEnded || program.stdout().includes('\n'), patience);
  if (hasEnded) throw new Error(`it ended: ${program.stderr()}`);
  return JSON.parse(program.stdout()) as T;
}

/** What `dev --json` says. */
export type DevLine = {
  ready: true;
  base_url: string;
  api_url: string;
  /** null once there is a person. */
  set_up_url: string | null;
  merchants: {
    id: number;
    name: string;
    auth: 'signature' | 'private-key';
    public_key: string;
    private_key: string;
  }[];
  chains: {
    network: 'ERC-20' | 'TRC-20';
    rpc_url: string;
    chain_id: number;
    tokens: { cryptocurrency: string; address: string; evm_address?: string; decimals: number }[];
  }[];
};

/** Starts `dev` on a data folder in the home, and waits until it is ready. */
export async function startDev(home: Home, folder: string, port?: number) {
  const chosen = port ?? (await onFreePort(async free => free));
  const program = launch(home, ['dev', '--json', '--data-dir', folder, '--port', String(chosen)]);
  return { program, port: chosen, line: await ready<DevLine>(program) };
}

/** Asks the database of a running program. */
export async function withDatabase<T>(home: Home, folder: string, work: (db: Db) => Promise<T>): Promise<T> {
  const running = await vi.waitFor(async () => {
    const found = await connectToRunning(join(home.dir, folder));
    if (!found.ok) throw new Error(found.fault);
    return found.value;
  }, patience);
  const db = openDb(poolConfig(running.connection, 1), () => undefined);
  try {
    return await work(db);
  } finally {
    await db.destroy();
    await running.close();
  }
}

/** Asks the database of a folder on which nothing runs. */
export async function withStoppedDatabase<T>(
  home: Home,
  folder: string,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const started = await startEmbeddedPostgres({ dir: join(home.dir, folder), log: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  const db = openDb(poolConfig(started.value.connection, 1), () => undefined);
  try {
    return await work(db);
  } finally {
    await db.destroy();
    await started.value.stop();
  }
}

/** Every process that works in a folder or below it, or, unless told otherwise, was started with it as its home. */
export async function processesOf(dir: string, { byHome = true } = {}): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '');
    const env = byHome ? await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '') : '';
    if (cwd === dir || cwd.startsWith(`${dir}/`) || env.split('\0').includes(`HOME=${dir}`))
      found.push(Number(name));
  }
  return found;
}

export function isListening(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ host, port: Number(new URL(url).port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
