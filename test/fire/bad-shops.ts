/** Webhook receivers that do everything wrong, on raw sockets where HTTP servers are too polite. */
import { createServer, type Server, type Socket } from 'node:net';
import { host, onFreePort } from '../gateway.ts';

/** How a request is answered; what is written after the socket was destroyed goes nowhere. */
type Manner = (socket: Socket) => void;

/** `status` and `error`: what has to be stored of an attempt. `delivered`: whether it counts as told. */
export type BadShop = {
  name: string;
  /** Nothing listens there, or not in this way. */
  url?: (port: number) => string;
  manner?: Manner;
  status: number | null;
  error?: RegExp;
  delivered?: boolean;
};

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

/** Writes piece after piece for as long as anybody listens. */
function pour(socket: Socket, piece: string, every: number): void {
  const timer = setInterval(() => socket.write(piece), every);
  socket.once('close', () => clearInterval(timer));
}

function flood(socket: Socket, piece: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

export const badShops: readonly BadShop[] = [
  { name: 'hangs', manner: () => undefined, status: null, error: /^timeout/ },
  {
    name: 'drips its headers',
    manner: socket => {
      socket.write('HTTP/1.1 200 OK\r\n');
      pour(socket, 'x-more: drip\r\n', 1000);
    },
    status: null,
    error: /^timeout/,
  },
  {
    name: 'drips its answer to a refusal',
    manner: socket => {
      socket.write('HTTP/1.1 500 Oops\r\n\r\n');
      pour(socket, 'drip', 1000);
    },
    status: 500,
  },
  {
    name: 'resets at the request',
    manner: socket => socket.resetAndDestroy(),
    status: null,
    error: /^reset/,
  },
  {
    name: 'closes in the middle of its headers',
    manner: socket => socket.end('HTTP/1.1 200'),
    status: null,
    error: /^(reset|protocol)/,
  },
  {
    name: 'sends elsewhere',
    manner: socket =>
      socket.end('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
    status: 302,
  },
  {
    name: 'answers without end',
    manner: socket => {
      socket.write('HTTP/1.1 500 Oops\r\n\r\n');
      flood(socket, 'x'.repeat(1 << 20));
    },
    status: 500,
  },
  {
    name: 'sends headers without end',
    manner: socket => {
      socket.write('HTTP/1.1 200 OK\r\n');
      flood(socket, `x-more: ${'x'.repeat(1 << 14)}\r\n`);
    },
    status: null,
    error: /^too-large-headers/,
  },
  { name: 'speaks no TLS', url: port => `https://${host}:${port}/`, status: null, error: /^tls/ },
  { name: 'has no address', url: () => 'http://nowhere.invalid:8080/', status: null, error: /^dns/ },
  { name: 'is not there', url: () => `http://${host}:1/`, status: null, error: /^connect/ },
  { name: 'answers 204', manner: socket => socket.end('HTTP/1.1 204 No Content\r\n\r\n'), status: 204 },
  {
    name: 'speaks no HTTP',
    manner: socket => socket.end('SSH-2.0-shop\r\n'),
    status: null,
    error: /^protocol/,
  },
  {
    name: 'answers 200 and dies',
    manner: socket => {
      socket.write(`${OK}content-length: 100\r\n\r\nhalf`);
      setTimeout(() => socket.resetAndDestroy(), 50);
    },
    status: 200,
    delivered: true,
  },
];

/** When each whole request came to a bad shop, in ms. */
export type Visits = { url: string; at: number[]; close(): Promise<void> };

export async function openBadShop({ url, manner }: BadShop): Promise<Visits> {
  const at: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', chunk => {
      text += chunk;
      const body = text.split('\r\n\r\n')[1];
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (body === undefined || Buffer.byteLength(body) < length) return;
      text = '';
      at.push(Date.now());
      manner?.(socket);
    });
    // A handshake of TLS is answered with what is none.
    if (!manner) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const port = await listen(server);
  return {
    url: url?.(port) ?? `http://${host}:${port}/`,
    at,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

const listen = (server: Server) =>
  onFreePort(
    port =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => resolve(port));
      }),
  );
