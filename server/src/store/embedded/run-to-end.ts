/**
 * Runs a short command to its end and hands back what it said. PostgreSQL refuses to run as root, so a root process
 * runs its commands as another user; Node enters `cwd` before it gives up root, which is what lets that user work in
 * a folder that it could not reach by path.
 */
import { execFile } from 'node:child_process';

/** The user to run as; undefined is our own. */
export type RunAs = { uid: number; gid: number } | undefined;

export type Command = {
  file: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  as: RunAs;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};

/** `code` is the exit code, the name of the system error when it could not be started, or null after a signal. */
export type Ended = { code: number | string | null; output: string };

const MOST_OUTPUT_BYTES = 1024 * 1024;

/** Never rejects on a failing command; rejects with the signal's reason when it is aborted. */
export function runToEnd(command: Command): Promise<Ended> {
  const { file, args, cwd, env, as, timeoutMs, signal } = command;
  const options = { cwd, env, ...as, timeout: timeoutMs, maxBuffer: MOST_OUTPUT_BYTES, signal };
  return new Promise((resolve, reject) => {
    execFile(file, args, { ...options, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (error === null) resolve({ code: 0, output });
      else if (signal?.aborted === true) reject(signal.reason);
      else resolve({ code: error.code ?? null, output: output === '' ? error.message : output });
    });
  });
}
