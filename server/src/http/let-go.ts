/**
 * How a server lets go of its connections. Node's own `close` waits for whoever has not sent a whole request yet, also for one
 * that never will, and for connections that are kept alive after the answer that was under way: so we end both.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** What may still be on its way when the server closes: a request that has begun, or that was just sent. In ms. */
const ARRIVAL = 1000;

/**
 * To be called before the server listens. What it answers closes the server: requests that are whole are answered, for
 * `within` ms at most; what is not whole in a second is not waited for.
 */
export function letGoOf(app: FastifyInstance, within: number): () => Promise<void> {
  const { server } = app;
  const connections = connectionsOf(server);
  let isClosing = false;
  server.on('request', (_request, response) => {
    response.once('close', () => {
      if (isClosing) server.closeIdleConnections();
    });
  });
  return async () => {
    isClosing = true;
    const timers = [
      setTimeout(() => endUnasked(connections), Math.min(ARRIVAL, within)),
      setTimeout(() => server.closeAllConnections(), within),
    ];
    await app.close();
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Those that are open, each with the request it has begun; null: it has begun none. */
type Connections = ReadonlyMap<Socket, IncomingMessage | null>;

function connectionsOf(server: Server): Connections {
  const connections = new Map<Socket, IncomingMessage | null>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, null);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    connections.set(socket, request);
    response.once('close', () => {
      if (connections.get(socket) === request) connections.set(socket, null);
    });
  });
  return connections;
}

function endUnasked(connections: Connections): void {
  for (const [socket, request] of connections) if (!request?.complete) socket.destroy();
}
