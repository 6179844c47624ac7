/**
 * Stands between a gateway and the database of the test, which listens on a socket file only: so that the database has a
 * port, and can be gone for that gateway alone.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Connection } from '../../server/src/store/db.ts';
import { host, onFreePort } from '../gateway.ts';

type Pieces = Exclude<Connection, { url: string }>;

export class Relay {
  readonly #far: Pieces;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(connection: Connection) {
    if ('url' in connection) throw new Error('the test database is reached through a socket');
    this.#far = connection;
  }

  /** Valid once it was opened; it stays the same from then on. */
  get connection(): Pieces {
    return { ...this.#far, host, port: this.#port };
  }

  async open(): Promise<void> {
    const server = createServer(near => {
      const far = connect(join(this.#far.host, `.s.PGSQL.${this.#far.port}`));
      for (const [socket, peer] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => peer.destroy());
      }
      near.pipe(far).pipe(near);
    });
    const listen = (port: number) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    if (this.#port) await listen(this.#port);
    else
      await onFreePort(async port => {
        await listen(port);
        this.#port = port;
      });
    this.#server = server;
  }

  async cut(): Promise<void> {
    const closed = new Promise(resolve => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}
