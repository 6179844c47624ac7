/**
 * A root process runs PostgreSQL as an unprivileged user, who cannot enter a checkout below root's own 0700 folder,
 * and PostgreSQL insists on resolving its own real path. So the part it runs from is copied, once a version, to a
 * folder that only root can write and everybody can read. Not a temporary folder: those are swept by age.
 */
import { chmod, cp, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireInstanceLock, type InstanceLock } from '../../lib/instance-lock.ts';
import { fail, ok, type Result } from '../../lib/result.ts';
import type { Binaries } from './binaries.ts';

export const SHELF = '/var/lib/cryptoscan';

/** What is only there to build against, or needs a perl or python that is not in the package. */
const NOT_TO_RUN = /\.a$|\/pkgconfig$|\/pgxs$|\/include$|plperl|plpython/;

/** `runs` decides whether a copy found there is still good; a bad one, torn by a power cut, is made again. */
export async function copyToShelf(
  binaries: Binaries,
  shelf: string,
  runs: (candidate: Binaries) => Promise<boolean>,
): Promise<Result<Binaries>> {
  const folder = join(shelf, `postgresql-${binaries.version}-${process.arch}`);
  const copy = { ...binaries, folder };
  await mkdir(shelf, { recursive: true });
  await chmod(shelf, 0o755);
  const isGood = async () => (await exists(folder)) && (await runs(copy));
  if (await isGood()) return ok(copy);
  const lock = await lockShelf(shelf);
  if (!lock.ok) return lock;
  try {
    // Somebody else may have made it while we waited for the lock.
    if (await isGood()) return ok(copy);
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}.new`, { recursive: true, force: true });
    await cp(binaries.folder, `${folder}.new`, {
      recursive: true,
      filter: path => isNeeded(path, binaries.folder),
    });
    await openToAll(`${folder}.new`);
    await rename(`${folder}.new`, folder);
    return ok(copy);
  } finally {
    await lock.value.release();
  }
}

const PATIENCE = 60_000;
const PAUSE = 100;

/** Copying takes seconds; whoever else wants the copy waits for it. */
async function lockShelf(shelf: string): Promise<Result<InstanceLock>> {
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    const lock = await acquireInstanceLock(shelf);
    if (lock.ok) return lock;
    await new Promise(resolve => setTimeout(resolve, PAUSE));
  }
  return fail(
    `another process has been copying PostgreSQL to ${shelf} for a minute: start again when it has ended`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Symbolic links are left out as well: the layout's own links stand for them. */
async function isNeeded(path: string, folder: string): Promise<boolean> {
  return !NOT_TO_RUN.test(path.slice(folder.length)) && !(await lstat(path)).isSymbolicLink();
}

/** Gives each file to everyone to read, whatever umask it was installed or copied under, and writes it to the disk. */
async function openToAll(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const found = await handle.stat();
    if (found.isDirectory()) for (const name of await readdir(path)) await openToAll(join(path, name));
    await handle.chmod((found.mode & 0o100) === 0 ? 0o644 : 0o755);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
