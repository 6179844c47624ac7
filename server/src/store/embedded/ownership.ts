/**
 * Decides which user runs PostgreSQL and whether we may work in the data folder at all. PostgreSQL refuses to run as
 * root and refuses a cluster that is not its own user's, so the owner of an existing cluster decides.
 */
import { access, chmod, constants, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fail, ok, type Result } from '../../lib/result.ts';
import type { Layout } from './layout.ts';
import type { RunAs } from './run-to-end.ts';

/** The user `nobody` of every usual Linux; initdb needs a user that the system has a name for. */
const NOBODY = { uid: 65534, gid: 65534 };

/** Makes the folders around the cluster and tells who runs PostgreSQL, or names the owner who stands in the way. */
export async function prepareFolders(layout: Layout): Promise<Result<{ as: RunAs }>> {
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot) {
    const fault = await foreignOwner(layout);
    if (fault !== undefined) return fail(fault);
  }
  await mkdir(layout.root, { recursive: true });
  if (!isRoot) return ok({ as: undefined });
  // The other user starts inside this folder's children and so must pass through it, but through none of its parents.
  await chmod(layout.root, 0o711);
  const owner = await ownerOf(layout.data);
  if (owner?.uid === 0) {
    return fail(
      `${layout.data} belongs to root, and PostgreSQL does not run as root: give it to another user, ` +
        `for example with chown -R ${NOBODY.uid}:${NOBODY.gid}`,
    );
  }
  return ok({ as: owner ?? NOBODY });
}

/** The folder's owner in words, such as "alice (uid 1000)". */
export async function userName(uid: number): Promise<string> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = users.split('\n').find(entry => entry.split(':')[2] === String(uid));
  return line === undefined ? `uid ${uid}` : `${line.split(':')[0]} (uid ${uid})`;
}

/** A sentence that names the owner if this user, who is not root, cannot work in the data folder. */
export async function foreignOwner(layout: Layout): Promise<string | undefined> {
  const uid = process.geteuid?.() ?? -1;
  const closed = await firstClosedFolder(resolve(layout.dir));
  if (closed !== undefined) return refusal(layout, uid, closed);
  for (const path of [layout.home, layout.root, layout.data, layout.record]) {
    const owner = await ownerOf(path);
    if (owner === undefined) return undefined;
    if (owner.uid !== uid) return refusal(layout, uid, { path, owner: owner.uid });
  }
  return undefined;
}

async function refusal(layout: Layout, uid: number, at: { path: string; owner: number }): Promise<string> {
  const [owner, us] = [await userName(at.owner), await userName(uid)];
  return (
    `the data folder ${layout.dir} cannot be used by ${us}: ${at.path} belongs to ${owner}. ` +
    'Start as that user, choose another folder, or change its owner with chown -R'
  );
}

/** The first folder on the way from / that we cannot enter; the last existing one must let us write as well. */
async function firstClosedFolder(dir: string): Promise<{ path: string; owner: number } | undefined> {
  const parts = dir.split('/').filter(part => part !== '');
  const chain = ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
  for (const [index, path] of chain.entries()) {
    const owner = await ownerOf(path);
    if (owner === undefined) return undefined;
    const next = chain[index + 1];
    const isLast = next === undefined || (await isAbsent(next));
    const mode = isLast ? constants.X_OK | constants.W_OK : constants.X_OK;
    const isOpen = await access(path, mode).then(
      () => true,
      () => false,
    );
    if (!isOpen) return { path, owner: owner.uid };
  }
  return undefined;
}

async function isAbsent(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    error => error.code === 'ENOENT',
  );
}

/** Undefined when there is no such path; a path that cannot be looked at counts for the folder it lies in. */
async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'EACCES' && path !== '/') return ownerOf(dirname(path));
    throw error;
  }
}
