/**
 * Ports for local servers. Below 32768 only: from there on the system hands numbers out to outgoing connections, so a
 * server that comes back after a restart could find its own number taken by a passing client.
 */
import { createServer } from 'node:net';

const highest = 32767;
const tries = 100;

/** The first port from `preferred` upwards on which nothing listens. Throws when a hundred are taken. */
export async function freePort(host: string, preferred: number): Promise<number> {
  for (let port = preferred; port <= Math.min(highest, preferred + tries - 1); port++) {
    if (await isFree(host, port)) return port;
  }
  throw new Error(`no free port on ${host} from ${preferred} on`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
