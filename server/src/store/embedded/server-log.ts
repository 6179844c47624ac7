/**
 * PostgreSQL's own log: a file that the server writes to directly, so that it goes on when we die. It is kept bounded
 * by copying it aside and cutting it short in place, since the server holds it open; the last one stays as `.1`.
 */
import { copyFile, type FileHandle, open } from 'node:fs/promises';
import type { RunAs } from './run-to-end.ts';

const LONGEST_BYTES = 4 * 1024 * 1024;
const CHECK_EVERY_MS = 30_000;
const TAIL_BYTES = 16 * 1024;

export class ServerLog {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #timer: NodeJS.Timeout;
  #cutting: Promise<void> | undefined;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
    this.#timer = setInterval(() => {
      // A full disk or the like must not end the process over a log; the next round tries again.
      this.bound().catch(() => undefined);
    }, CHECK_EVERY_MS);
    this.#timer.unref();
  }

  static async open(path: string, as: RunAs): Promise<ServerLog> {
    const handle = await open(path, 'a+', 0o600);
    if (as !== undefined) await handle.chown(as.uid, as.gid);
    const log = new ServerLog(path, handle);
    await log.bound();
    return log;
  }

  /** The descriptor to hand to the server as its standard output. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Where the next line will be written. */
  async end(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** What was written since `from`, at most the last 16 KiB of it. */
  async since(from: number): Promise<string> {
    const size = await this.end();
    const start = Math.max(size < from ? 0 : from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  }

  /** Moves what is there to `.1` if it has grown too long. */
  bound(): Promise<void> {
    this.#cutting ??= this.#bound().finally(() => {
      this.#cutting = undefined;
    });
    return this.#cutting;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#cutting?.catch(() => undefined);
    await this.#handle.close();
  }

  async #bound(): Promise<void> {
    if ((await this.end()) <= LONGEST_BYTES) return;
    await copyFile(this.path, `${this.path}.1`);
    await this.#handle.truncate(0);
  }
}
