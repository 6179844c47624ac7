/** The stream that tells a payment page to look again: across processes, within its limits, and never longer than it must. */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setRetired } from '../../server/src/store/cursors.ts';
import { clientOf, host, openGateway, openShop, type Shop } from '../gateway.ts';
import { type Api, defaultLimits, openApi } from './api-server.ts';
import { payFake } from './fake-watch.ts';
import { openStream, type PageStream } from './page-stream.ts';
import { patience, screenOf, submit, type Visit, view, visitOf } from './payment-page-visit.ts';
import { closeWorld, openWorld, shift, type World } from './webhook-world.ts';

/** `world` has the stages and a server; `other` is a process that only serves. */
let world: World;
let other: Api;
let shop: Shop;
let visit: Visit;
let invoiceId: string;
const opened: PageStream[] = [];
let made = 0;

beforeAll(async () => {
  world = await openWorld();
  other = await openApi(world.ground);
  shop = await openShop(world.ground);
});

beforeEach(async () => {
  const created = await clientOf(world.gateway, shop).createWidget({
    amount: '25',
    client_reference_id: `order ${++made}`,
  });
  visit = visitOf(created);
  invoiceId = created.id;
});

afterEach(() => {
  for (const stream of opened.splice(0)) stream.leave();
});

afterAll(async () => {
  await other?.stop();
  await closeWorld(world);
});

async function listen(
  port = other.port,
  headers: Record<string, string> = {},
  page = visit,
): Promise<PageStream> {
  const stream = await openStream(port, `${page.path}/events`, headers);
  opened.push(stream);
  return stream;
}

const hears = (stream: PageStream, count: number) =>
  expect.poll(() => stream.ids().length, patience).toBe(count);

/** Chooses and answers what is due. */
async function choose(): Promise<{ final_amount: string }> {
  expect((await submit(visit, 'method', { fields: { method: 'ERC-20:USDT' } })).status).toBe(303);
  const { final_units: units } = await world.ground.db
    .selectFrom('invoices')
    .select('final_units')
    .where('id', '=', Number(invoiceId))
    .executeTakeFirstOrThrow();
  const text = units!.padStart(7, '0');
  return { final_amount: `${text.slice(0, -6)}.${text.slice(-6)}` };
}

test('is told on one server what came to pass through another, and ends with the payment', async () => {
  const stream = await listen();
  expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
  expect(stream.headers).toMatchObject({
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  expect(stream.text()).toMatch(/^retry: 3000\n\n/);
  // A page may have changed between its own answer and the stream's.
  await hears(stream, 1);
  const invoice = await choose();
  await hears(stream, 2);
  const chain = world.chains['ERC-20'];
  const before = chain.chain.blocks.length;
  payFake(chain, shop, invoice);
  const all = chain.chain.blocks;
  for (const blocks of [3, 5]) {
    const heard = stream.ids().length;
    chain.chain.blocks = all.slice(0, before + blocks);
    await chain.read();
    await expect.poll(() => stream.ids().length, patience).toBeGreaterThan(heard);
  }
  expect(screenOf(await view(visit))).toBe('confirming');
  chain.chain.blocks = all;
  await chain.read();
  await expect.poll(() => stream.isOver(), patience).toBe(true);
  expect(screenOf(await view({ ...visit, port: other.port }))).toBe('paid');
  // Nothing of the invoice itself is in it.
  expect(stream.text()).not.toMatch(/paid|USDT|\d{6}/);
  expect(new Set(stream.ids()).size).toBe(stream.ids().length);
});

test('is not told again what it knows, and at once what it does not', async () => {
  const first = await listen();
  await hears(first, 1);
  const [tag = ''] = first.ids();
  const again = await listen(other.port, { 'last-event-id': tag });
  const forged = await listen(other.port, { 'last-event-id': 'x' });
  await hears(forged, 1);
  expect(forged.ids()).toEqual([tag]);
  expect(again.ids()).toEqual([]);
  await choose();
  await hears(again, 1);
  expect(again.ids()).not.toEqual([tag]);
});

test('is told when the network falls behind, and when it is read again', async () => {
  await choose();
  const stream = await listen();
  await hears(stream, 1);
  const [tag = ''] = stream.ids();
  const behind = (by: string) =>
    sql`update cursors set caught_up_at = caught_up_at ${sql.raw(by)} interval '31 minutes' where network = 'ERC-20'`.execute(
      world.ground.db,
    );
  await behind('-');
  try {
    await hears(stream, 2);
    expect(screenOf(await view(visit))).toBe('paused');
  } finally {
    await behind('+');
  }
  await hears(stream, 3);
  expect(stream.ids().at(-1)).toBe(tag);
});

test('is told when the network is taken out of use', async () => {
  await choose();
  const stream = await listen();
  await hears(stream, 1);
  const { db, clock } = world.ground;
  await setRetired(db, 'ERC-20', clock.now());
  try {
    await hears(stream, 2);
    expect(screenOf(await view(visit))).toBe('paused');
  } finally {
    await setRetired(db, 'ERC-20', null);
  }
  await hears(stream, 3);
});

test('a page that is over gets none, by the status that ends a browser’s trying', async () => {
  await submit(visit, 'cancel');
  const stream = await listen();
  expect([stream.status, stream.text()]).toEqual([204, '']);
});

test('ends when the page does, cancelled or expired', async () => {
  const cancelled = await listen();
  await hears(cancelled, 1);
  await submit(visit, 'cancel');
  await expect.poll(() => cancelled.isOver(), patience).toBe(true);
  expect(cancelled.ids()).toHaveLength(2);
  const created = await clientOf(world.gateway, shop).createWidget({
    amount: '25',
    client_reference_id: `order ${++made}`,
  });
  const expired = await listen(other.port, {}, visitOf(created));
  await hears(expired, 1);
  await shift(world, created as never, -45);
  await expect.poll(() => expired.isOver(), patience).toBe(true);
});

test('there is none of a page that is not, and by no method but GET', async () => {
  const page = { ...visit, path: `/payment/${randomUUID()}` };
  expect((await listen(other.port, {}, page)).status).toBe(404);
  expect((await view(page, { below: '/events', method: 'HEAD' })).status).toBe(404);
  const head = await view(visit, { below: '/events', method: 'HEAD' });
  expect([head.status, head.headers['content-type'], head.text]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
    '',
  ]);
  const post = await view(visit, { below: '/events', method: 'POST' });
  expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
});

describe('where there is no room', () => {
  const limited = async (parts: Parameters<typeof openApi>[1], use: (port: number) => Promise<void>) => {
    const api = await openApi(world.ground, parts);
    try {
      await use(api.port);
    } finally {
      for (const stream of opened.splice(0)) stream.leave();
      await api.stop();
    }
  };

  test.each([
    ['for a page', { perPage: 2 }],
    ['in the process', { perProcess: 2 }],
    ['for an address', { perNetwork: 2 }],
  ])('%s a third is refused, the page still answers, and who goes makes room', async (_what, streams) => {
    await limited({ streams }, async port => {
      const [first] = [await listen(port), await listen(port)];
      const refused = await listen(port);
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '60']);
      expect(screenOf(await view({ ...visit, port }, { below: '/main' }))).toBe('choose');
      first!.leave();
      await expect.poll(async () => (await listen(port)).status, patience).toBe(200);
    });
  });

  test('ten may watch one page unless something else is said', async () => {
    await limited({ limits: defaultLimits }, async port => {
      for (let n = 0; n < 10; n++) expect((await listen(port)).status).toBe(200);
      expect((await listen(port)).status).toBe(503);
    });
  });
});

describe('a process that stops', () => {
  test('ends its streams at once and does not wait for their readers', async () => {
    const gateway = await openGateway(world.ground, { roles: ['api'] });
    const streams = await Promise.all(Array.from({ length: 10 }, () => listen(gateway.port)));
    const dead = await deaf(gateway.port, `${visit.path}/events`);
    await hears(streams[0]!, 1);
    await gateway.stop();
    await expect.poll(() => streams.every(stream => stream.isOver()), patience).toBe(true);
    dead.destroy();
    for (const stream of opened.splice(0)) stream.leave();
  });

  /** A client that asks and then never reads. */
  const deaf = (port: number, path: string): Promise<Socket> =>
    new Promise(resolve => {
      const socket = connect(port, host, () => {
        socket.pause();
        socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`, () => resolve(socket));
      });
    });
});

test('while the database is away the stream stays, and tells afterwards', async () => {
  const stream = await listen();
  await hears(stream, 1);
  const { db } = world.ground;
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()`.execute(db);
  await expect.poll(async () => (await submit(visit, 'cancel')).status, patience).toBe(303);
  await hears(stream, 2);
});
