/** A shop's webhook receiver: a plain HTTP server that keeps every request as it came and answers as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { host, onFreePort } from '../gateway.ts';

export type Received = {
  method: string;
  path: string;
  /** Lower-case names, one value each. */
  headers: Record<string, string>;
  body: string;
  /** When it had come in full, in ms. */
  at: number;
  answered: ServerResponse;
};

export type Sink = {
  port: number;
  url(path: string): string;
  received: Received[];
  /** The requests to one path, in the order they came. */
  at(path: string): Received[];
  /** Sockets that were ever opened to it. */
  connections: number;
  /** How requests to a path are answered from now on; those to other paths get 200. */
  answer(path: string, how: (request: Received) => void): void;
  close(): Promise<void>;
};

export async function openSink(): Promise<Sink> {
  const answers = new Map<string, (request: Received) => void>();
  const received: Received[] = [];
  const server = createServer((message, response) => {
    void keep(message, response).then(request => {
      received.push(request);
      const answer = answers.get(request.path) ?? (() => response.writeHead(200).end('OK'));
      answer(request);
    });
  });
  await onFreePort(
    port =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      }),
  );
  const { port } = server.address() as AddressInfo;
  const sink: Sink = {
    port,
    received,
    connections: 0,
    url: path => `http://${host}:${port}${path}`,
    at: path => received.filter(request => request.path === path),
    answer: (path, how) => answers.set(path, how),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('connection', () => {
    sink.connections++;
  });
  return sink;
}

async function keep(message: IncomingMessage, response: ServerResponse): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return {
    method: message.method ?? '',
    path: message.url ?? '',
    headers: message.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString('utf8'),
    at: Date.now(),
    answered: response,
  };
}
