/**
 * One anvil process: started so that nothing from outside can change it (own working folder, since anvil reads .env
 * there; explicit host; cache inside the folder), known to be ready, and never left behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../lib/result.ts';
import { Watchdog } from '../lib/watchdog.ts';
import { anvilBinary } from './anvil-binary.ts';
import { rpcBlock, rpcNumber } from './rpc.ts';

export type AnvilOptions = {
  dir: string;
  host: string;
  port: number;
  chainId: number;
  /** Time of block 0 in seconds. Every process makes its own block 0; only a fixed time gives it the same hash. */
  genesisTime: number;
  /** The finalized tag trails the head by twice this many blocks. */
  slotsInEpoch?: number | undefined;
  /** Where anvil writes its state when it is interrupted. */
  exitState?: string | undefined;
  /** A state to load, as plain JSON. */
  loadState?: string | undefined;
};

/** `port`: somebody else has it. `unusable`: anvil does not take the options or the state; `reason` in its own words. */
export type AnvilFault = { kind: 'port' } | { kind: 'unusable'; reason: string };

const readyWithinMs = 60_000;
const endWithinMs = 5_000;

/** A running anvil. `ended` resolves when the process is gone, for whatever reason. */
export class Anvil {
  readonly url: string;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;

  constructor(url: string, child: ChildProcess, watchdog: Watchdog) {
    this.url = url;
    this.#child = child;
    this.ended = exitOf(child).then(() => watchdog.close());
  }

  /** Interrupts the process, which makes it write its state, and waits until it is gone; kills it after five seconds. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), endWithinMs);
    await this.ended;
    clearTimeout(timer);
  }
}

/** Starts anvil and returns when it answers. Throws when it is not installed or not ready within a minute. */
export async function startAnvil(options: AnvilOptions): Promise<Result<Anvil, AnvilFault>> {
  const cache = join(options.dir, 'cache');
  const log = join(options.dir, 'anvil.log');
  await rm(cache, { recursive: true, force: true });
  await mkdir(cache);
  const child = await spawnAnvil(options, { cache, log });
  const url = `http://${options.host}:${options.port}`;
  const anvil = new Anvil(url, child, guard(child, options.dir));
  try {
    const fault = await ready(child, options, url);
    if (fault === null) return ok(anvil);
    await anvil.stop();
    if (fault.kind === 'mismatch') return fail({ kind: 'unusable', reason: fault.reason });
    const said = await readFile(log, 'utf8');
    if (said.includes('Address already in use')) return fail({ kind: 'port' });
    return fail({
      kind: 'unusable',
      reason: said.trim().split('\n')[0]?.slice(0, 300) || 'it ended at once',
    });
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

/** From here on the process ends with us, however we end. */
function guard(child: ChildProcess, cwd: string): Watchdog {
  const graceSeconds = endWithinMs / 1000;
  const watchdog = new Watchdog({
    name: 'anvil',
    cwd,
    signals: ['INT', 'KILL'],
    graceSeconds,
    log: () => undefined,
  });
  watchdog.guard(child.pid);
  return watchdog;
}

async function spawnAnvil(
  options: AnvilOptions,
  files: { cache: string; log: string },
): Promise<ChildProcess> {
  const log = await open(files.log, 'w', 0o600);
  try {
    // Detached: Ctrl-C in the terminal is for us, and we end anvil in order. No environment: anvil takes options from it.
    const child = spawn(anvilBinary(), flags(options, files.cache), {
      cwd: options.dir,
      env: {},
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await log.close();
  }
}

function flags(options: AnvilOptions, cache: string): string[] {
  return [
    ['--host', options.host, '--port', String(options.port), '--quiet', '--cache-path', cache],
    ['--chain-id', String(options.chainId), '--timestamp', String(options.genesisTime)],
    // Enough states in memory for a reorganisation of 63 blocks; without the number anvil keeps none. They are not saved
    // (--preserve-historical-states): a reorganisation into loaded blocks then leaves accounts without their code.
    ['--prune-history', '64'],
    options.slotsInEpoch === undefined ? [] : ['--slots-in-an-epoch', String(options.slotsInEpoch)],
    options.loadState === undefined ? [] : ['--load-state', options.loadState],
    // The interval is as good as never: written in place every minute, the file could be torn at any time.
    options.exitState === undefined
      ? []
      : ['--dump-state', options.exitState, '--state-interval', '2147483647'],
  ].flat();
}

type NotReady = { kind: 'ended' } | { kind: 'mismatch'; reason: string };

/** Waits for the first answer, and makes sure that it comes from the process we started with the chain we meant. */
async function ready(child: ChildProcess, options: AnvilOptions, url: string): Promise<NotReady | null> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    if (hasEnded(child)) return { kind: 'ended' };
    const found = await whatAnswers(url);
    if (found === null) {
      await pause(15);
      continue;
    }
    if (found.chainId === options.chainId && found.genesisTime === options.genesisTime) return null;
    // Another server took the port in between: then ours is about to end. Otherwise the loaded state is another chain's.
    await Promise.race([exitOf(child), pause(2_000)]);
    return hasEnded(child)
      ? { kind: 'ended' }
      : { kind: 'mismatch', reason: 'it is the state of another chain' };
  }
  throw new Error(`anvil does not answer on ${url} after ${readyWithinMs / 1000} s`);
}

async function whatAnswers(url: string): Promise<{ chainId: number; genesisTime: number } | null> {
  try {
    const chainId = await rpcNumber(url, 'eth_chainId');
    return { chainId, genesisTime: (await rpcBlock(url, 0)).time };
  } catch {
    return null;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit');
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
