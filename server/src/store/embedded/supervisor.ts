/**
 * Keeps one PostgreSQL server running on a cluster that is ready for it: starts it, starts it again when it dies under
 * us, and stops it. The socket stays where it was, so a pool's next connection simply works.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceLock } from '../../lib/instance-lock.ts';
import { Watchdog } from '../../lib/watchdog.ts';
import type { Binaries } from './binaries.ts';
import type { ClusterRecord } from './cluster-record.ts';
import type { Layout } from './layout.ts';
import { staleLock, stopLeftovers } from './leftovers.ts';
import { Postmaster } from './postmaster.ts';
import { applicationConnection, superuserConnection } from './provision.ts';
import type { RunAs } from './run-to-end.ts';
import { ServerLog } from './server-log.ts';
import type { PostgresConnection } from './session.ts';

export type SupervisorPlan = {
  binaries: Binaries;
  layout: Layout;
  as: RunAs;
  record: ClusterRecord;
  lock: InstanceLock;
  log: (line: string) => void;
  onRestart?: ((ended: string) => void) | undefined;
  onLost?: ((error: Error) => void) | undefined;
};

/** Recovery after a crash reads at most what max_wal_size allows, 1 GB, which a slow disk takes minutes for. */
const LONGEST_START_MS = 10 * 60_000;
/** How long the remains of a killed server may stand in the way of the next one. */
const LONGEST_IN_THE_WAY_MS = 30_000;
const IN_THE_WAY = /pre-existing shared memory block|lock file ".*" already exists/;
/** A server that lived this long had started well: its death is a first one again. */
const STEADY_MS = 60_000;
const MOST_FAILURES = 20;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/** The pause before the n-th start in a row: none at first, then doubling; about six minutes until it gives up. */
export function pauseBefore(failures: number): number {
  return failures <= 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 2), LONGEST_PAUSE_MS);
}

export class Supervisor {
  readonly #plan: SupervisorPlan;
  readonly #serverLog: ServerLog;
  /** Held open as long as anyone may connect: the socket is named through this descriptor. */
  readonly #folder: FileHandle;
  readonly #watchdog: Watchdog;
  readonly #stopping = new AbortController();
  #current: Postmaster | undefined;
  #keeping: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(plan: SupervisorPlan, serverLog: ServerLog, folder: FileHandle) {
    this.#plan = plan;
    this.#serverLog = serverLog;
    this.#folder = folder;
    // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
    this.#watchdog = new Watchdog({
      name: 'PostgreSQL',
      cwd: plan.layout.data,
      as: plan.as,
      signals: ['INT', 'QUIT'],
      graceSeconds: 10,
      log: plan.log,
    });
  }

  /** Starts the server, with recovery if it needs one; rejects with its last words, or the signal's reason. */
  static async start(plan: SupervisorPlan, signal?: AbortSignal): Promise<Supervisor> {
    const folder = await open(plan.layout.data, 'r');
    const serverLog = await ServerLog.open(plan.layout.log, plan.as);
    const supervisor = new Supervisor(plan, serverLog, folder);
    try {
      const postmaster = await supervisor.#launch(signal);
      supervisor.#keeping = supervisor.#keepRunning(postmaster);
      return supervisor;
    } catch (error) {
      await supervisor.stop();
      throw error;
    }
  }

  /** The folder of the socket, in a form short enough for any cluster; means nothing to another process. */
  get host(): string {
    return `/proc/self/fd/${this.#folder.fd}`;
  }

  get connection(): PostgresConnection {
    return applicationConnection(this.host, this.#plan.record);
  }

  /** Stops the server in order, within about 25 s in the worst case, and frees the folder; may be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #close(): Promise<void> {
    this.#stopping.abort(new Error('PostgreSQL is being stopped'));
    await this.#current?.stop();
    await this.#keeping;
    await this.#watchdog.close();
    await this.#folder.close();
    await this.#serverLog.close();
    await this.#plan.lock.release();
  }

  async #launch(startSignal?: AbortSignal): Promise<Postmaster> {
    const { layout, as, log } = this.#plan;
    const signal = AbortSignal.any([
      this.#stopping.signal,
      ...(startSignal === undefined ? [] : [startSignal]),
    ]);
    const until = performance.now() + LONGEST_IN_THE_WAY_MS;
    for (;;) {
      signal.throwIfAborted();
      await stopLeftovers(layout.data, as, log);
      const from = await this.#serverLog.end();
      const postmaster = await this.#spawn();
      if ((await this.#ready(postmaster, signal)) === 'ready') return postmaster;
      const said = await this.#serverLog.since(from);
      if (!IN_THE_WAY.test(said) || performance.now() > until) {
        throw new Error(
          `PostgreSQL did not start (${await postmaster.exited}): ${lastWords(said)} [${layout.log}]`,
        );
      }
      await delay(250, undefined, { signal });
    }
  }

  async #spawn(): Promise<Postmaster> {
    const { binaries, layout, as, record } = this.#plan;
    const postmaster = new Postmaster({
      binaries,
      data: layout.data,
      as,
      durable: record.durable,
      logFd: this.#serverLog.fd,
      staleLock: await staleLock(layout.data),
    });
    this.#current = postmaster;
    this.#watchdog.guard(postmaster.pid);
    return postmaster;
  }

  async #ready(postmaster: Postmaster, signal: AbortSignal): Promise<'ready' | 'ended'> {
    const connection = superuserConnection(this.host, this.#plan.record);
    try {
      return await postmaster.ready(connection, { limitMs: LONGEST_START_MS, signal });
    } catch (error) {
      await postmaster.stop();
      throw error;
    }
  }

  /** Never rejects: what cannot be mended is told to `onLost`, once, and then only `stop` is left to do. */
  async #keepRunning(first: Postmaster): Promise<void> {
    let [postmaster, failures] = [first, 0];
    for (;;) {
      const since = performance.now();
      const ended = await postmaster.exited;
      if (this.#stopping.signal.aborted) return;
      this.#plan.log(`PostgreSQL ended unexpectedly (${ended}); starting it again`);
      failures = performance.now() - since >= STEADY_MS ? 1 : failures + 1;
      const next = await this.#relaunch(failures);
      if (next === undefined) return;
      [postmaster, failures] = [next.postmaster, next.failures];
      this.#plan.onRestart?.(ended);
    }
  }

  async #relaunch(before: number): Promise<{ postmaster: Postmaster; failures: number } | undefined> {
    const { signal } = this.#stopping;
    let last = new Error('PostgreSQL starts, but does not stay up');
    for (let failures = before; failures < MOST_FAILURES; failures += 1) {
      try {
        await delay(pauseBefore(failures), undefined, { signal });
        return { postmaster: await this.#launch(), failures };
      } catch (error) {
        if (signal.aborted) return undefined;
        last = error instanceof Error ? error : new Error(String(error));
        this.#plan.log(`PostgreSQL could not be started again: ${last.message}`);
      }
    }
    this.#plan.onLost?.(last);
    return undefined;
  }
}

/** The lines that name a cause, or the last ones. */
function lastWords(said: string): string {
  const lines = said.split('\n').filter(line => line !== '');
  const causes = lines.filter(line => /FATAL|PANIC|ERROR|error/.test(line));
  return (causes.length > 0 ? causes : lines).slice(-3).join(' ');
}
