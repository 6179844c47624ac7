/**
 * At most one process works on a data folder. The lock is a listening socket in Linux's abstract namespace, named by
 * the folder: the kernel refuses a second listener and frees the name at the owner's death, however it dies, so there
 * is no lock file that could go stale. It is seen only within one network namespace: two containers that share a
 * volume do not see each other's lock.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fail, ok, type Result } from './result.ts';

export type InstanceLock = {
  /** Lets another process take the folder; safe to call twice. */
  release(): Promise<void>;
};

/**
 * Takes the lock of an existing folder, or says in one sentence who or what stands in the way. Throws when the folder
 * cannot be resolved.
 */
export async function acquireInstanceLock(dir: string): Promise<Result<InstanceLock>> {
  if (process.platform !== 'linux') {
    return fail(`only Linux can lock a data folder for one process, and this is ${process.platform}`);
  }
  const server = createServer(socket => socket.destroy());
  server.unref();
  server.listen({ path: lockName(await realpath(dir)), exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return fail(`another process is already using the folder ${dir}: only one may run on it at a time`);
  }
  return ok({ release: () => closed(server) });
}

/**
 * Fills all 108 bytes of the address (unix(7)): some versions of Node pad a shorter name with zero bytes and some do
 * not, and the two would then not exclude each other.
 */
function lockName(folder: string): string {
  return `\0cryptoscan-${createHash('sha384').update(folder).digest('hex')}`;
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
  });
}
