/**
 * A small file system for one run: in a mount namespace of its own, so that nobody else sees it and nothing of it stays.
 * Only root can make one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEGABYTES = 256;

/** Why there can be none here; null when there can. */
export const whyNoSmallDisk = (): string | null =>
  process.geteuid?.() === 0 ? null : 'only root may mount a small file system';

/** Runs this very program once more with `--disk DIR` added, DIR being the small disk; answers its exit code. */
export async function onSmallDisk(args: readonly string[]): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-small-disk-'));
  const script = 'mount -t tmpfs -o size="$1"m,mode=755 tmpfs "$2" && shift 2 && exec "$@"';
  const program = [
    process.execPath,
    ...process.execArgv,
    ...process.argv.slice(1, 2),
    ...args,
    '--disk',
    dir,
  ];
  const shell = ['-m', 'sh', '-c', script, 'sh', String(MEGABYTES), dir, ...program];
  const child = spawn('unshare', shell, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  await rmdir(dir);
  return Number(code ?? 1);
}
