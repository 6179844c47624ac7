/**
 * Ends a child process when we are gone, even by kill -9: a small shell of its own process group holds the reading end of
 * a pipe whose writing end only we have. When the pipe closes, the shell sends the signals it was given, the next one
 * only if the process is still there after the grace. A child killed with its watchdog at once is left to the sweep
 * that every supervisor does at its next start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Watchdog = {
  /** Ends the watchdog itself. Called after its process has ended, so that a reused pid is never signalled. */
  stop(): void;
};

const script = `
cat >/dev/null
pid=$1; tenths=$2; shift 2
for signal in "$@"; do
  kill -s "$signal" "$pid" 2>/dev/null || exit 0
  i=0
  while [ "$i" -lt "$tenths" ]; do
    kill -0 "$pid" 2>/dev/null || exit 0
    sleep 0.1
    i=$((i + 1))
  done
done`;

/** Watches over `pid`. `signals` are names without SIG, gentlest first; `graceMs` is the time between two of them. */
export async function startWatchdog(
  pid: number,
  { signals, graceMs }: { signals: readonly string[]; graceMs: number },
): Promise<Watchdog> {
  const tenths = Math.ceil(graceMs / 100);
  // Its own process group, so that neither Ctrl-C in the terminal nor a kill of our group takes it along.
  const shell = spawn(
    '/bin/sh',
    ['-c', script, 'cryptoscan-watchdog', String(pid), String(tenths), ...signals],
    {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  await once(shell, 'spawn');
  shell.stdin.on('error', () => {});
  shell.on('error', () => {});
  shell.unref();
  unrefSocket(shell.stdin);
  return { stop: () => endGroup(shell) };
}

/** A pipe to a child is a socket at run time, though its type does not say so; it must not keep the process alive. */
function unrefSocket(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}

function endGroup(leader: ChildProcess): void {
  if (leader.pid === undefined || leader.exitCode !== null || leader.signalCode !== null) return;
  try {
    process.kill(-leader.pid, 'SIGKILL');
  } catch {
    // It has ended in this moment.
  }
}
