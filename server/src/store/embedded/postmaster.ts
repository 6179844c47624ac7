/**
 * One run of the PostgreSQL server as our child, from its start to its end. The supervisor above decides what follows
 * an end; this file only tells it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BINARIES_ENVIRONMENT, type Binaries } from './binaries.ts';
import type { RunAs } from './run-to-end.ts';
import { type PostgresConnection, withSession } from './session.ts';

export type PostmasterPlan = {
  binaries: Binaries;
  /** The cluster's folder. */
  data: string;
  as: RunAs;
  durable: boolean;
  /** Takes the server's messages. */
  logFd: number;
  /** A process number in postmaster.pid that is known not to be a server's. */
  staleLock: number | undefined;
};

const POLL_MS = 15;
const FAST_SHUTDOWN_MS = 20_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

/**
 * Given on the command line, where they outrank every file in the cluster. Socket and cluster folder are named
 * relative to the working folder: the user who runs the server may be unable to reach it by path, and a socket's path
 * may have no more than 107 bytes.
 */
function serverSettings(durable: boolean): string[] {
  const written = durable ? 'on' : 'off';
  const settings = {
    listen_addresses: '',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    port: '5432',
    cluster_name: 'cryptoscan',
    max_connections: '100',
    shared_buffers: '128MB',
    fsync: written,
    synchronous_commit: written,
    full_page_writes: written,
    // A backend busy in a long query notices so that its server was killed, and frees the memory the next one needs.
    client_connection_check_interval: '1000',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The constraints are meant to be hit, and statements carry what merchants sent: neither belongs in a log.
    log_min_error_statement: 'panic',
    logging_collector: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

export class Postmaster {
  readonly #child: ChildProcess;
  /** Resolves with the way it ended, in words; never rejects. */
  readonly exited: Promise<string>;
  #isGone = false;

  constructor(plan: PostmasterPlan) {
    const { binaries, data, as, durable, logFd, staleLock } = plan;
    const env = { ...BINARIES_ENVIRONMENT };
    // PostgreSQL does not take this number, meant for the shell behind pg_ctl, for a running server (CreateLockFile).
    if (staleLock !== undefined) env.PG_GRANDPARENT_PID = String(staleLock);
    const file = join(binaries.folder, 'bin', 'postgres');
    const args = ['-D', '/proc/self/cwd', ...serverSettings(durable)];
    // Detached, so that a Ctrl-C in our terminal reaches us alone and the pool can be closed before its server.
    const options = { cwd: data, env, ...as, detached: true };
    this.#child = spawn(file, args, { ...options, stdio: ['ignore', logFd, logFd] });
    this.exited = new Promise(resolve => {
      // A signal that could not be sent is an error event as well, but then the server is still there.
      this.#child.on('error', error => {
        if (this.#child.pid === undefined) resolve(`it could not be started: ${error.message}`);
      });
      this.#child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    });
    this.exited.then(
      () => {
        this.#isGone = true;
      },
      () => undefined,
    );
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Waits until the server answers `connection`: 'ready', 'ended' if it gave up before that. Rejects when it refuses
   * the password, after `limitMs` (recovery from a crash may take minutes) and when the signal is aborted.
   */
  async ready(
    connection: PostgresConnection,
    options: { limitMs: number; signal: AbortSignal },
  ): Promise<'ready' | 'ended'> {
    const until = performance.now() + options.limitMs;
    for (;;) {
      options.signal.throwIfAborted();
      const failure = await withSession(connection, client => client.query('SELECT 1')).then(
        () => undefined,
        (error: Error & { code?: string }) => error,
      );
      if (failure === undefined) return 'ready';
      if (this.#isGone) return 'ended';
      // Class 28 is a refused password or user: waiting does not help. Everything else is a server still starting.
      if (failure.code?.startsWith('28') === true) throw failure;
      if (performance.now() > until) throw new Error(`PostgreSQL does not answer: ${failure.message}`);
      await delay(POLL_MS);
    }
  }

  /** Shuts the server down in order, then harder; returns when it has ended. */
  async stop(): Promise<void> {
    for (const [signal, waitMs] of [
      ['SIGINT', FAST_SHUTDOWN_MS],
      ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
    ] as const) {
      if (this.#isGone) return;
      this.#child.kill(signal);
      if (await this.#endsWithin(waitMs)) return;
    }
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  async #endsWithin(waitMs: number): Promise<boolean> {
    const timer = new AbortController();
    const late = delay(waitMs, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([this.exited.then(() => true), late]);
    timer.abort();
    return ended;
  }
}
