/**
 * The way in: a PostgreSQL server of our own on a data folder, for an installation that was given no DATABASE_URL.
 * Everything that must be true before it may run is checked here, in order; docs/decisions/0002-embedded-postgresql.md
 * says why it is made so.
 */
import { acquireInstanceLock, type InstanceLock } from '../../lib/instance-lock.ts';
import { fail, ok, type Result } from '../../lib/result.ts';
import { type Binaries, locateBinaries, makeRunnable } from './binaries.ts';
import { prepareCluster } from './cluster.ts';
import { type Layout, layoutOf } from './layout.ts';
import { foreignMajor } from './majors.ts';
import { prepareFolders, userName } from './ownership.ts';
import { provision } from './provision.ts';
import type { RunAs } from './run-to-end.ts';
import type { PostgresConnection } from './session.ts';
import { Supervisor } from './supervisor.ts';

export type EmbeddedPostgres = {
  /** The application's own role and database, reached through a descriptor of this process. */
  readonly connection: PostgresConnection;
  /** Stops the server in order, then harder, and frees the folder; may be called twice. Close the pool first. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** The data folder; made if absent. The cluster goes to dir/postgresql/18. */
  dir: string;
  /** Takes one line for people at a time. */
  log: (line: string) => void;
  /** False gives a throw-away cluster without fsync, for tests and the simulator; decided at its first start. */
  durable?: boolean;
  /** Aborts the start; without effect once it has ended. */
  signal?: AbortSignal;
  /** Called after the server died, `ended` says how, and runs again. */
  onRestart?: (ended: string) => void;
  /** Called once if the server cannot be brought back; the caller had better stop. */
  onLost?: (error: Error) => void;
};

/**
 * Starts the server and hands it back when it takes queries; a fault is a sentence for the operator. Rejects when
 * PostgreSQL itself fails to start, with its last words, or with the signal's reason.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<Result<EmbeddedPostgres>> {
  const binaries = await locateBinaries();
  if (!binaries.ok) return binaries;
  const layout = layoutOf(options.dir, binaries.value.major);
  const folders = await prepareFolders(layout);
  if (!folders.ok) return folders;
  const lock = await acquireInstanceLock(layout.home);
  if (!lock.ok) return lock;
  let started: Result<EmbeddedPostgres> | undefined;
  try {
    started = await startLocked(options, {
      ...folders.value,
      layout,
      binaries: binaries.value,
      lock: lock.value,
    });
    return started;
  } finally {
    if (started?.ok !== true) await lock.value.release();
  }
}

type Ground = { as: RunAs; layout: Layout; binaries: Binaries; lock: InstanceLock };

async function startLocked(options: EmbeddedOptions, ground: Ground): Promise<Result<EmbeddedPostgres>> {
  const { log, signal, onRestart, onLost } = options;
  const { as, layout, lock } = ground;
  const wrongMajor = await foreignMajor(layout, ground.binaries.major);
  if (wrongMajor !== undefined) return fail(wrongMajor);
  if (as !== undefined) log(`PostgreSQL does not run as root: it runs as ${await userName(as.uid)}`);
  const runnable = await makeRunnable(ground.binaries, layout, { as });
  if (!runnable.ok) return runnable;
  const binaries = runnable.value;
  const cluster = await prepareCluster({
    binaries,
    layout,
    as,
    durable: options.durable ?? true,
    log,
    signal,
  });
  if (!cluster.ok) return cluster;
  const record = cluster.value;
  const plan = { binaries, layout, as, record, lock, log, onRestart, onLost };
  const supervisor = await Supervisor.start(plan, signal);
  try {
    const provisioned = await provision(supervisor.host, record);
    if (provisioned.ok) return ok(supervisor);
    await supervisor.stop();
    return provisioned;
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}
