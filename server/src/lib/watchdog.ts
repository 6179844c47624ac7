/**
 * Ends a child process when we are killed and can no longer do it. A shell in a session of its own holds the reading end
 * of a pipe from us; the kernel closes the other end at our death, and the shell then asks the child to end, and after a
 * while makes it. Before each signal it checks that the number still belongs to a process at work in the folder.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

const SCRIPT = `
pid=$4
while read -r line; do pid=$line; done
at_work() { [ -n "$pid" ] && [ "/proc/$pid/cwd" -ef . ]; }
at_work && kill -s "$1" "$pid"
second=0
while [ "$second" -lt "$3" ]; do at_work || exit 0; sleep 1; second=$((second + 1)); done
at_work && kill -s "$2" "$pid"
exit 0`;

export type WatchdogPlan = {
  /** What is watched, for the log. */
  name: string;
  /** The working folder of the child, by which it is known. */
  cwd: string;
  /** The user who may signal it, where that is not us. */
  as?: { uid: number; gid: number } | undefined;
  /** Without SIG: the one that asks, and the one that makes it. */
  signals: readonly [asks: string, makes: string];
  graceSeconds: number;
  log: (line: string) => void;
};

const MOST_RESTARTS = 10;

export class Watchdog {
  readonly #plan: WatchdogPlan;
  #shell: ChildProcessByStdio<Writable, null, null>;
  #ended: Promise<void>;
  #pid: number | undefined;
  #restarts = 0;
  #closing = false;

  constructor(plan: WatchdogPlan) {
    this.#plan = plan;
    this.#shell = this.#spawn();
    this.#ended = this.#replaceAtEnd();
  }

  /** Names the process to end at our death; undefined when there is none. */
  guard(pid: number | undefined): void {
    this.#pid = pid;
    this.#shell.stdin.write(`${pid ?? ''}\n`);
  }

  /** Ends the watch without touching the process. */
  async close(): Promise<void> {
    this.#closing = true;
    this.guard(undefined);
    this.#shell.stdin.end();
    await this.#ended;
  }

  #spawn(): ChildProcessByStdio<Writable, null, null> {
    const { cwd, as, signals, graceSeconds } = this.#plan;
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
    const options = { cwd, env, ...as, detached: true };
    // What is watched already is told with the start: we may be killed before we could write it.
    const words = [...signals, String(graceSeconds), String(this.#pid ?? '')];
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'cryptoscan-watchdog', ...words], {
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
        this.#plan.log(
          `the watchdog of ${this.#plan.name} keeps dying: a kill of this process will leave it running`,
        );
        return;
      }
      this.#restarts += 1;
      this.#plan.log(`the watchdog of ${this.#plan.name} died; starting another`);
      this.#shell = this.#spawn();
    }
  }
}
