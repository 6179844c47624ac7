/**
 * Stops PostgreSQL when we are killed and can no longer do it. A shell in a session of its own holds the reading end
 * of a pipe from us; the kernel closes the other end at our death, and the shell then asks the postmaster to shut
 * down, and after ten seconds to stop at once. Before each signal it checks that the number still belongs to a process
 * at work in the cluster's folder.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { RunAs } from './run-to-end.ts';

const SCRIPT = `
pid=
while read -r line; do pid=$line; done
at_work() { [ -n "$pid" ] && [ "/proc/$pid/cwd" -ef . ]; }
at_work && kill -INT "$pid"
for second in 1 2 3 4 5 6 7 8 9 10; do at_work || exit 0; sleep 1; done
at_work && kill -QUIT "$pid"
exit 0`;

const MOST_RESTARTS = 10;

export class Watchdog {
  readonly #place: { cwd: string; as: RunAs };
  readonly #log: (line: string) => void;
  #shell: ChildProcessByStdio<Writable, null, null>;
  #ended: Promise<void>;
  #pid: number | undefined;
  #restarts = 0;
  #closing = false;

  constructor(place: { cwd: string; as: RunAs }, log: (line: string) => void) {
    this.#place = place;
    this.#log = log;
    this.#shell = this.#spawn();
    this.#ended = this.#replaceAtEnd();
  }

  /** Names the postmaster to stop at our death; undefined when there is none. */
  guard(pid: number | undefined): void {
    this.#pid = pid;
    this.#shell.stdin.write(`${pid ?? ''}\n`);
  }

  /** Ends the watch without touching PostgreSQL. */
  async close(): Promise<void> {
    this.#closing = true;
    this.guard(undefined);
    this.#shell.stdin.end();
    await this.#ended;
  }

  #spawn(): ChildProcessByStdio<Writable, null, null> {
    const { cwd, as } = this.#place;
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
    const options = { cwd, env, ...as, detached: true };
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'cryptoscan-watchdog'], {
      ...options,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Its end is what tells us that the pipe is broken; a failed write adds nothing.
    shell.stdin.on('error', () => undefined);
    return shell;
  }

  /** Nobody but a mistaken operator or the kernel's memory killer ends it before us; another one takes over. */
  async #replaceAtEnd(): Promise<void> {
    for (;;) {
      await new Promise(resolve => {
        this.#shell.once('exit', resolve);
        this.#shell.once('error', resolve);
      });
      if (this.#closing) return;
      if (this.#restarts === MOST_RESTARTS) {
        this.#log(
          'the watchdog of PostgreSQL keeps dying: a kill of this process will leave the server running',
        );
        return;
      }
      this.#restarts += 1;
      this.#log('the watchdog of PostgreSQL died; starting another');
      this.#shell = this.#spawn();
      this.guard(this.#pid);
    }
  }
}
