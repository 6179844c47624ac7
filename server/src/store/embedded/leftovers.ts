/**
 * Clears the way for a new postmaster: finds what an earlier one left running on the cluster, stops it in order, and
 * judges its lock files. Called only by the holder of the instance lock.
 *
 * What proves that a process is PostgreSQL at work on a folder is its name and its working folder; a number in a file
 * proves nothing, since numbers are reused, soonest of all in containers.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunAs, runToEnd } from './run-to-end.ts';

/**
 * Prints the processes whose working folder is this one. Linux shows that only to the process's own user unless the
 * asker may trace others, which root in a container usually may not; hence a shell that runs as that user. It first
 * proves on itself that it can see what it looks for.
 */
const PROCESSES_HERE = `
[ "/proc/$$/cwd" -ef . ] || exit 1
for p in /proc/[0-9]*; do
  if [ "$p/cwd" -ef . ] && read -r name < "$p/comm"; then
    case $name in postgres|initdb) echo "\${p#/proc/}" ;; esac
  fi
done 2>/dev/null
exit 0`;

const POLL_MS = 25;

type Found = { pid: number; isBackend: boolean };
type Step = { toPostmaster: NodeJS.Signals; toOrphanBackend: NodeJS.Signals; waitMs: number };

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one, after which the next start recovers from the log. */
const STEPS: Step[] = [
  { toPostmaster: 'SIGINT', toOrphanBackend: 'SIGTERM', waitMs: 15_000 },
  { toPostmaster: 'SIGQUIT', toOrphanBackend: 'SIGQUIT', waitMs: 5_000 },
  { toPostmaster: 'SIGKILL', toOrphanBackend: 'SIGKILL', waitMs: 5_000 },
];

/** Stops every PostgreSQL process at work in the cluster's folder and returns when none is left. */
export async function stopLeftovers(data: string, as: RunAs, log: (line: string) => void): Promise<void> {
  const first = await processesIn(data, as);
  if (first.length === 0) return;
  log(`stopping PostgreSQL processes of an earlier run: ${first.map(found => found.pid).join(', ')}`);
  for (const step of STEPS) {
    const found = await processesIn(data, as);
    const postmasters = found.filter(process => !process.isBackend);
    // A postmaster takes its backends down itself; only those that outlived theirs are told directly.
    for (const { pid } of postmasters) signalTo(pid, step.toPostmaster);
    if (postmasters.length === 0) for (const { pid } of found) signalTo(pid, step.toOrphanBackend);
    if (await isEmptyWithin(step.waitMs, data, as)) return;
  }
  throw new Error(`PostgreSQL processes of an earlier run are still at work in ${data} and cannot be killed`);
}

/** Ends an initdb that outlived the process that started it, with all it started. */
export async function killAllIn(folder: string, as: RunAs): Promise<void> {
  const until = performance.now() + 10_000;
  for (;;) {
    const found = await processesIn(folder, as);
    if (found.length === 0) return;
    if (performance.now() > until) throw new Error(`cannot kill the processes at work in ${folder}`);
    for (const { pid } of found) signalTo(pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}

/**
 * Reads the lock file of a postmaster that is known to be gone and returns the number in it, which the next one is to
 * be told not to believe. The file stays: it also names the shared memory that guards the data against a backend we
 * have not seen. A file torn by a crash says nothing and would only keep PostgreSQL from starting, so it goes.
 */
export async function staleLock(data: string): Promise<number | undefined> {
  // The socket's own lock guards no data, and no server is left that could be listening.
  await rm(join(data, '.s.PGSQL.5432.lock'), { force: true });
  await rm(join(data, '.s.PGSQL.5432'), { force: true });
  const path = join(data, 'postmaster.pid');
  const text = await readFile(path, 'latin1').catch(error => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  // A single-user server writes its number negative (PostgreSQL's CreateLockFile).
  const [, digits] = /^-?([1-9]\d{0,9})\n/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  await rm(path);
  return undefined;
}

async function isEmptyWithin(waitMs: number, data: string, as: RunAs): Promise<boolean> {
  const until = performance.now() + waitMs;
  while ((await processesIn(data, as)).length > 0) {
    if (performance.now() > until) return false;
    await delay(POLL_MS);
  }
  return true;
}

async function processesIn(folder: string, as: RunAs): Promise<Found[]> {
  const command = {
    file: '/bin/sh',
    args: ['-c', PROCESSES_HERE],
    cwd: folder,
    env: {},
    as,
    timeoutMs: 30_000,
  };
  const ended = await runToEnd(command);
  if (ended.code !== 0) {
    throw new Error(
      `cannot tell whether PostgreSQL is still at work in ${folder} (is /proc mounted?): ${ended.output}`,
    );
  }
  const found: Found[] = [];
  for (const line of ended.output.split('\n')) {
    if (line === '') continue;
    const title = await readFile(`/proc/${line}/cmdline`, 'latin1').catch(() => '');
    // Each backend titles itself so; a postmaster keeps the command line it was started with.
    found.push({ pid: Number(line), isBackend: title.startsWith('postgres: ') });
  }
  return found;
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
