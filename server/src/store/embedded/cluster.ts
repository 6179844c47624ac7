/**
 * Makes the cluster on the first start. initdb works in a folder of its own that is renamed when it has ended, so a
 * cluster under its final name is always whole and whatever else is found there is swept away.
 */
import { chown, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fail, ok, type Result } from '../../lib/result.ts';
import { BINARIES_ENVIRONMENT, type Binaries } from './binaries.ts';
import { type ClusterRecord, makeRecord, readRecord, syncFolder } from './cluster-record.ts';
import { HALF_MADE, type Layout } from './layout.ts';
import { killAllIn } from './leftovers.ts';
import { type RunAs, runToEnd } from './run-to-end.ts';

export type ClusterPlan = {
  binaries: Binaries;
  layout: Layout;
  as: RunAs;
  durable: boolean;
  log: (line: string) => void;
  signal?: AbortSignal | undefined;
};

const LONGEST_INITDB_MS = 180_000;

/** Hands back the record of the cluster, which exists afterwards; in words when it must not be used. */
export async function prepareCluster(plan: ClusterPlan): Promise<Result<ClusterRecord>> {
  const { layout, durable } = plan;
  await sweepHalfMade(plan);
  if (!(await exists(layout.data))) return initialise(plan);
  const record = await readRecord(layout);
  if (!record.ok || record.value.durable === durable) return record;
  return fail(
    durable
      ? `the cluster in ${layout.dir} is a throw-away one, written without fsync: it must not hold money`
      : `the cluster in ${layout.dir} holds durable data: it is not opened without fsync`,
  );
}

async function sweepHalfMade({ layout, as, log }: ClusterPlan): Promise<void> {
  for (const name of await readdir(layout.root)) {
    if (!name.startsWith(HALF_MADE)) continue;
    const path = join(layout.root, name);
    log(`removing ${path}, which a first start left half made`);
    if ((await stat(path)).isDirectory()) await killAllIn(path, as);
    await rm(path, { recursive: true, force: true });
  }
}

async function initialise(plan: ClusterPlan): Promise<Result<ClusterRecord>> {
  const { layout, as, durable, log } = plan;
  log(`making a new PostgreSQL ${plan.binaries.major} cluster in ${layout.root}`);
  const record = await makeRecord(layout, durable);
  const unfinished = await mkdtemp(join(layout.root, HALF_MADE));
  const passwordFile = `${unfinished}.password`;
  try {
    if (as !== undefined) await chown(unfinished, as.uid, as.gid);
    await writeFor(as, passwordFile, record.superuserPassword);
    const fault = await initdb(plan, unfinished, passwordFile);
    if (fault !== undefined) return fail(fault);
    await rename(unfinished, layout.data);
    await syncFolder(layout.root);
    return ok(record);
  } finally {
    await rm(passwordFile, { force: true });
    if (await exists(unfinished)) {
      // An initdb that was cut short may leave a server of its own, still writing there.
      await killAllIn(unfinished, as);
      await rm(unfinished, { recursive: true, force: true });
    }
  }
}

/**
 * The built-in C.UTF-8 locale depends on no library of the operating system, so an upgrade of that system cannot
 * change the order of text and so break an index.
 */
async function initdb(plan: ClusterPlan, folder: string, passwordFile: string): Promise<string | undefined> {
  const { binaries, layout, as, durable, signal } = plan;
  const args = [
    '--pgdata=/proc/self/cwd',
    '--username=postgres',
    '--auth-local=scram-sha-256',
    '--auth-host=reject',
    `--pwfile=/proc/self/cwd/../${basename(passwordFile)}`,
    '--data-checksums',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
  const file = join(binaries.folder, 'bin', 'initdb');
  const env = BINARIES_ENVIRONMENT;
  const ended = await runToEnd({ file, args, cwd: folder, env, as, timeoutMs: LONGEST_INITDB_MS, signal });
  if (ended.code === 0) return undefined;
  if (ended.output.includes('could not look up effective user ID')) {
    const uid = as?.uid ?? process.geteuid?.();
    return (
      `this system has no user with the number ${uid}, and PostgreSQL needs one to make its cluster: ` +
      'add it to /etc/passwd or start as a user that is listed there'
    );
  }
  throw new Error(
    `PostgreSQL's initdb failed in ${layout.root} (${ended.code}): ${ended.output.slice(-2000)}`,
  );
}

async function writeFor(as: RunAs, path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    if (as !== undefined) await handle.chown(as.uid, as.gid);
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
