/**
 * One keeper a folder. The lock is a socket in Linux's abstract namespace, which the kernel frees the moment its owner
 * dies, however it dies; so there is no stale lock to judge. Elsewhere there is no such namespace and no lock.
 */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';

/** Takes the lock on an existing folder and returns what frees it. Throws when a living process holds it. */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return async () => {};
  const name = createHash('sha256')
    .update(await realpath(dir))
    .digest('hex');
  const server = createServer(socket => socket.destroy());
  await listen(server, `\0cryptoscan-local-chain-${name.slice(0, 32)}`, dir);
  server.unref();
  return () => new Promise(resolve => server.close(() => resolve()));
}

function listen(server: Server, path: string, dir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' ? new Error(`a local chain is already running on the folder ${dir}`) : error,
      ),
    );
    server.listen(path, resolve);
  });
}
