/** The real PHP, where it is on the machine: run once, or kept running and asked line by line. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** PHP as it is configured out of the box, whatever this machine's php.ini says. */
export const settings = [
  '-n',
  ...['precision=14', 'serialize_precision=-1', 'arg_separator.output=&', 'memory_limit=512M'].flatMap(
    setting => ['-d', setting],
  ),
];

/** The path of a program beside this file. */
export const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The version of the PHP on the PATH, or null without one. */
export function phpVersion(): string | null {
  const run = spawnSync('php', ['-r', 'echo PHP_VERSION;'], { encoding: 'utf8', timeout: 30_000 });
  return run.status === 0 ? run.stdout : null;
}

/** Runs a program to its end with `input`; answers what it wrote. */
export async function runPhp(name: string, input: string): Promise<string> {
  const child = spawn('php', [...settings, program(name)], { timeout: 60_000 });
  let [written, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', text => {
    written += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    complaints += text;
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  child.stdin.on('error', () => undefined).end(input);
  if ((await ended) !== 0) throw new Error(`php failed: ${written}${complaints}`);
  return written;
}

type Waiting = { lines: string[]; left: number; resolve(lines: string[]): void; reject(error: Error): void };

/** A PHP program that answers each line with a line, until it is closed. */
export class PhpPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;
  #fault: Error | null = null;

  constructor(name: string, args: readonly string[]) {
    const child = spawn('php', [...settings, program(name), ...args]);
    this.#child = child;
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', line => this.#take(line));
    const stop = () => child.kill('SIGKILL');
    process.once('exit', stop);
    this.#ended = new Promise(resolve => {
      const end = (error?: Error) => {
        process.off('exit', stop);
        this.#fault = error ?? new Error('php ended before it had answered');
        for (const { reject } of this.#waiting.splice(0)) reject(this.#fault);
        resolve();
      };
      child.on('error', end).on('close', () => end());
    });
  }

  /** Answers in order; further lines may be asked before the answers to these are there. */
  ask(lines: readonly string[]): Promise<string[]> {
    if (this.#fault) return Promise.reject(this.#fault);
    if (lines.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines: [], left: lines.length, resolve, reject });
      this.#child.stdin.write(`${lines.join('\n')}\n`);
    });
  }

  #take(line: string): void {
    const [first] = this.#waiting;
    if (!first) return;
    first.lines.push(line);
    if (--first.left > 0) return;
    this.#waiting.shift();
    first.resolve(first.lines);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
