import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../lib/logger.ts';
import { type StreamLimits, Watchers } from './watchers.ts';

const patience = { timeout: 20_000, interval: 10 };
const roomy: StreamLimits = { perProcess: 5000, perPage: 10, perNetwork: null };

let server: Server;
let watchers: Watchers;
let now = 0;
/** What the database would say, and what it was asked. */
let standing: Map<string, { tag: string; over: boolean }>;
let asked: string[][];

beforeEach(async () => {
  now = 1_767_268_800_000;
  standing = new Map();
  asked = [];
  server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  watchers = new Watchers({
    clock: { now: () => now },
    logger: createLogger('silent'),
    limits: roomy,
    look: async pageIds => {
      asked.push([...pageIds]);
      return standing;
    },
  });
});

afterEach(async () => {
  await watchers.close();
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

type Reader = { out: ServerResponse; text: () => string; isOver: () => boolean; leave: () => void };

/** A reader whose answer was begun; one that is not `reading` takes nothing from its socket. */
async function read(reading = true): Promise<Reader> {
  const out = new Promise<ServerResponse>(resolve =>
    server.once('request', (_request, response) => {
      response.writeHead(200, { connection: 'close' });
      response.flushHeaders();
      resolve(response);
    }),
  );
  let text = '';
  let over = false;
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, agent: false }, answer => {
    answer.on('close', () => {
      over = true;
    });
    answer.on('error', () => undefined);
    if (reading) answer.on('data', chunk => (text += chunk));
  });
  sent.on('error', () => undefined);
  sent.end();
  return { out: await out, text: () => text, isOver: () => over, leave: () => sent.destroy() };
}

const add = (reader: Reader, pageId = 'a', told: string | null = null) =>
  watchers.add({ pageId, network: '192.0.2.1', out: reader.out, told });

const rounds = (more: number) => {
  const from = asked.length;
  return vi.waitUntil(() => asked.length >= from + more, patience);
};

test('who watches is told of a change, once, and nothing where nothing changed', async () => {
  const reader = await read();
  standing.set('a', { tag: '1', over: false });
  add(reader);
  await vi.waitUntil(() => reader.text() === 'id: 1\nevent: news\ndata: look\n\n', patience);
  await rounds(2);
  expect(reader.text().match(/id:/g)).toHaveLength(1);
  standing.set('a', { tag: '2', over: false });
  await vi.waitUntil(() => reader.text().includes('id: 2\n'), patience);
});

test('the last word is sent before the end', async () => {
  const reader = await read();
  standing.set('a', { tag: '9', over: true });
  add(reader, 'a', '8');
  await vi.waitUntil(() => reader.isOver(), patience);
  expect(reader.text()).toContain('id: 9\n');
  expect(watchers.hasRoom({ pageId: 'a', network: '192.0.2.1' })).toBe(true);
});

test('all pages are asked for together, each once, a thousand at a time; when nobody is left, nothing is', async () => {
  const readers = [await read(), await read()];
  const [one, two] = readers;
  one!.out.setMaxListeners(0);
  add(one!, 'a');
  add(two!, 'a');
  // The same two answers stand for many pages: only the names count here.
  for (let n = 0; n < 1500; n++) watchers.add({ pageId: `p${n}`, network: 'n', out: one!.out, told: null });
  await vi.waitUntil(() => asked.some(names => names.length === 1000), patience);
  await rounds(2);
  const full = asked.findIndex(names => names.length === 1000);
  expect(asked[full + 1]).toHaveLength(501);
  for (const reader of readers) reader.leave();
  await vi.waitUntil(() => one!.out.closed && two!.out.closed, patience);
  // A round that was under way may have asked still.
  await new Promise(resolve => setImmediate(resolve));
  const before = asked.length;
  const next = await read();
  standing.set('b', { tag: '1', over: false });
  add(next, 'b');
  await vi.waitUntil(() => next.text().includes('id: 1\n'), patience);
  for (const names of asked.slice(before)) expect(names).toEqual(['b']);
});

test('a silent stream is kept awake, and none is kept for ever', async () => {
  const reader = await read();
  standing.set('a', { tag: '1', over: false });
  add(reader, 'a', '1');
  await rounds(2);
  expect(reader.text()).toBe('');
  now += 20_000;
  await vi.waitUntil(() => reader.text() === ':\n\n', patience);
  now += 2 * 3600_000;
  await vi.waitUntil(() => reader.isOver(), patience);
});

test('a reader that does not read is dropped', async () => {
  const reader = await read(false);
  // More than the two sockets hold.
  reader.out.write(Buffer.alloc(64 * 1024 * 1024));
  standing.set('a', { tag: '1', over: false });
  add(reader);
  await vi.waitUntil(() => reader.out.destroyed, patience);
});

test('closing ends every stream at once, also one whose reader does not read', async () => {
  const reader = await read();
  const deaf = await read(false);
  deaf.out.write(Buffer.alloc(64 * 1024 * 1024));
  add(reader);
  add(deaf);
  await watchers.close();
  expect(watchers.hasRoom({ pageId: 'a', network: 'n' })).toBe(false);
  await vi.waitUntil(() => reader.isOver() && deaf.out.destroyed, patience);
});
