import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { letGoOf } from './let-go.ts';

const host = '127.0.0.1';
/** Far longer than any of these may take, and far shorter than what Node waits for by itself. */
const FINISH = 10_000;

let app: FastifyInstance;
let answer: (text: string) => void;
let begun: Promise<void>;
const sockets: Socket[] = [];

beforeEach(() => {
  app = fastify({ forceCloseConnections: 'idle' });
  app.post('/', async () => 'done');
  begun = new Promise(resolve => {
    app.get('/slow', () => {
      resolve();
      return new Promise<string>(done => {
        answer = done;
      });
    });
  });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

const portOf = () => (app.server.address() as AddressInfo).port;

/** Opens a connection, sends this, and answers when the server has taken it in. */
async function openWith(text: string): Promise<Socket> {
  const taken = new Promise<Socket>(resolve => app.server.once('connection', resolve));
  const socket = connect(portOf(), host);
  sockets.push(socket.on('error', () => undefined).resume());
  if (text !== '') socket.write(text);
  const far = await taken;
  await expect.poll(() => far.bytesRead).toBe(text.length);
  return socket;
}

const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 10\r\n';

test.each([
  ['nothing', ''],
  ['half a head', HEAD],
  ['half a body', `${HEAD}\r\n{`],
])('who has sent %s does not keep a server from closing', async (_what, text) => {
  const close = letGoOf(app, FINISH);
  await app.listen({ host, port: 0 });
  await openWith(text);
  const from = performance.now();
  await close();
  expect(performance.now() - from).toBeLessThan(FINISH / 2);
});

test('a request that arrives while the server closes is told so', async () => {
  const close = letGoOf(app, FINISH);
  await app.listen({ host, port: 0 });
  const socket = await openWith(HEAD);
  let text = '';
  socket.on('data', chunk => {
    text += String(chunk);
  });
  const closed = close();
  const read = once(socket, 'close');
  socket.write('\r\n"12345678"');
  await Promise.all([closed, read]);
  expect(text).toMatch(/^HTTP\/1.1 503 /);
});

test('what is under way is answered, and its connection is not kept for another request', async () => {
  const close = letGoOf(app, FINISH);
  await app.listen({ host, port: 0 });
  const agent = new Agent({ keepAlive: true });
  const status = new Promise((resolve, reject) => {
    const asked = get({ host, port: portOf(), path: '/slow', agent }, response =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    asked.on('error', reject);
  });
  await begun;
  const from = performance.now();
  const closed = close();
  await expect.poll(() => app.server.listening).toBe(false);
  answer('late');
  expect(await status).toBe(200);
  await closed;
  expect(performance.now() - from).toBeLessThan(FINISH / 2);
});

test('what takes longer than there is time is cut off', async () => {
  const close = letGoOf(app, 300);
  await app.listen({ host, port: 0 });
  const cut = new Promise(resolve => get({ host, port: portOf(), path: '/slow' }).on('error', resolve));
  await begun;
  await close();
  expect(await cut).toBeInstanceOf(Error);
});
