import { createHmac, randomUUID } from 'node:crypto';
import { verifyWebhook } from '@cryptoscan/sdk';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  put,
  SECOND,
  type TestMerchant,
} from '../../../test/factories.ts';
import { answered, FakeShop, type ShopRequest } from '../../../test/fake-shop.ts';
import { useWorld } from '../../../test/use-world.ts';
import { updateMerchant } from '../commands/update-merchant.ts';
import type { Invoice } from '../domain/invoice.ts';
import { nextDue } from '../store/deliveries.ts';
import { findViolations } from '../store/invariants.ts';
import { Dispatcher } from './dispatch.ts';

const world = useWorld();
let merchant: TestMerchant;
let shop: FakeShop;

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
  shop = new FakeShop();
  signal = new AbortController().signal;
});

/** A dispatcher of a process of its own. */
const start = (at = shop) =>
  new Dispatcher({ ...world, post: at.post, uuid: randomUUID, onFree: () => undefined });

let signal: AbortSignal;

/** Sends what is due and waits until it is recorded. Answers how many requests that were. */
async function send(dispatcher = start()): Promise<number> {
  const claimed = await dispatcher.tick(signal);
  await dispatcher.idle();
  return claimed;
}

/** An invoice that owes its shop an event. */
async function cancelled(of = merchant): Promise<Invoice> {
  return put(world, await makeInvoice(world, of), 'cancelled');
}

const deliveries = () => world.db.selectFrom('deliveries').selectAll().orderBy('id').execute();
const attempts = () =>
  world.db.selectFrom('attempts').selectAll().orderBy('delivery_id').orderBy('number').execute();
const only = async () => (await deliveries())[0]!;
const retries = () => shop.requests.map(({ body }) => JSON.parse(body).retry_count);

describe('a delivery', () => {
  test('is sent at once, and never again once the shop has answered 200', async () => {
    const invoice = await cancelled();
    expect(await nextDue(world.db)).toBe(world.clock.now());
    shop.reply = answered(200, 'thanks');
    expect(await send()).toBe(1);
    expect(shop.requests.map(({ url }) => url)).toEqual(['https://shop.example/hook']);
    expect(JSON.parse(shop.requests[0]!.body)).toMatchObject({
      event_type: 'cancelled',
      retry_count: 0,
      data: { id: invoice.id, status: 'cancelled' },
    });
    expect(await only()).toMatchObject({ state: 'delivered', attempts: 1, lease: null, leased_until: null });
    expect(await attempts()).toEqual([
      {
        delivery_id: 1,
        number: 0,
        url: 'https://shop.example/hook',
        started_at: world.clock.now(),
        ended_at: world.clock.now(),
        status: 200,
        headers: '[["content-type","text/plain"]]',
        body: 'thanks',
        request_headers: expect.stringContaining('"webhook-id"'),
        error: null,
      },
    ]);
    world.clock.advance(100 * HOUR);
    expect(await send()).toBe(0);
    expect(await nextDue(world.db)).toBeNull();
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that fails is sent ten times at the documented instants, and then no more', async () => {
    await cancelled();
    const begun = world.clock.now();
    shop.reply = null;
    const instants: number[] = [];
    for (;;) {
      const due = await nextDue(world.db);
      if (due === null) break;
      world.clock.time = due - 1;
      expect(await send()).toBe(0);
      world.clock.time = due;
      const dispatcher = start();
      expect(await dispatcher.tick(signal)).toBe(1);
      instants.push((due - begun) / MINUTE);
      // The next wait is counted from the start of a request, however long its answer takes.
      world.clock.advance(7 * SECOND);
      shop.requests.at(-1)!.answer(answered(500));
      await dispatcher.idle();
    }
    expect(instants).toEqual([0, 0.5, 2.5, 12.5, 72.5, 192.5, 432.5, 792.5, 1512.5, 2952.5]);
    expect(retries()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await only()).toMatchObject({ state: 'exhausted', attempts: 10, ended_at: expect.any(Number) });
    world.clock.advance(1000 * HOUR);
    expect(await send()).toBe(0);
    const made = await attempts();
    expect(made.map(({ number, status }) => [number, status])).toEqual(
      Array.from({ length: 10 }, (_, number) => [number, 500]),
    );
    expect(made.map(({ started_at }) => (started_at - begun) / MINUTE)).toEqual(instants);
    expect(made.every(({ started_at, ended_at }) => ended_at - started_at === 7 * SECOND)).toBe(true);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('keeps its id and its data over all its requests, and has a new time and signature in each', async () => {
    await cancelled();
    shop.reply = answered(503);
    await send();
    world.clock.advance(30 * SECOND);
    await send();
    const [first, second] = shop.requests;
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(JSON.parse(second!.body).data).toEqual(JSON.parse(first!.body).data);
    expect(Number(second!.headers['webhook-timestamp'])).toBe(
      Number(first!.headers['webhook-timestamp']) + 30,
    );
    expect(second!.headers.signature).not.toBe(first!.headers.signature);
  });

  test.each([201, 202, 204, 301, 302, 307, 400, 404, 410, 429, 500])(
    'answered with %i is not delivered',
    async status => {
      await cancelled();
      shop.reply = answered(status);
      await send();
      expect(await only()).toMatchObject({
        state: 'open',
        attempts: 1,
        due_at: world.clock.now() + 30 * SECOND,
      });
    },
  );

  test('that reached nobody says why', async () => {
    await cancelled();
    shop.reply = { kind: 'error', class: 'timeout', message: 'No answer came within 15 seconds.' };
    await send();
    expect(await only()).toMatchObject({ state: 'open', attempts: 1 });
    expect((await attempts())[0]).toMatchObject({
      status: null,
      headers: null,
      body: null,
      error: 'timeout: No answer came within 15 seconds.',
    });
  });

  test('is recorded whatever the shop answers, a NUL and half a character included', async () => {
    await cancelled();
    shop.reply = {
      kind: 'response',
      status: 500,
      headers: [['x-a', 'a\0b']],
      body: 'a\0b \uD800 \u{1F4B0}',
      truncated: false,
    };
    await send();
    const [attempt] = await attempts();
    expect(attempt).toMatchObject({ status: 500, body: 'a\uFFFDb \uFFFD \u{1F4B0}' });
    expect(JSON.parse(attempt!.headers!)).toEqual([['x-a', 'a\0b']]);
  });

  test('that cannot be recorded holds up no other', async () => {
    for (let n = 0; n < 4; n++) await cancelled();
    const at = new Date(world.clock.now());
    await world.db
      .insertInto('attempts')
      .values({
        delivery_id: 3,
        number: 0,
        url: 'https://shop.example/',
        started_at: at,
        ended_at: at,
        status: null,
        headers: null,
        body: null,
        error: 'timeout: none came',
      })
      .execute();
    await send();
    expect((await deliveries()).map(({ state }) => state)).toEqual([
      'delivered',
      'delivered',
      'open',
      'delivered',
    ]);
  });

  test('goes to the address that is set at the moment of the request', async () => {
    await cancelled();
    shop.reply = answered(500);
    await send();
    await updateMerchant(world, merchant.id, { webhookUrl: 'https://new.example/' });
    world.clock.advance(30 * SECOND);
    await send();
    expect(shop.requests.map(({ url }) => url)).toEqual([
      'https://shop.example/hook',
      'https://new.example/',
    ]);
    expect((await attempts()).map(({ url }) => url)).toEqual(shop.requests.map(({ url }) => url));
  });

  test('ends as no_endpoint when no address is set at that moment', async () => {
    await updateMerchant(world, merchant.id, { webhookUrl: null });
    await cancelled();
    expect(await send()).toBe(1);
    expect(shop.requests).toEqual([]);
    expect(await only()).toMatchObject({ state: 'no_endpoint', attempts: 0, lease: null });
    await updateMerchant(world, merchant.id, { webhookUrl: 'https://new.example/' });
    world.clock.advance(HOUR);
    expect(await send()).toBe(0);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('a request', () => {
  test('is one that the published client believes, in both of its signatures', async () => {
    await cancelled();
    await send();
    const [{ headers, body }] = shop.requests as [ShopRequest];
    const { publicKey, privateKey, webhookSecret } = merchant;
    const now = world.clock.now();
    const verified = await verifyWebhook(body, headers, { publicKey, privateKey, webhookSecret, now });
    expect(verified).toMatchObject({ ok: true });
    expect(headers['public-key']).toBe(publicKey);
    expect(headers['private-key']).toBeUndefined();
    expect(body).not.toContain(privateKey);
    const { data } = JSON.parse(body);
    const fields = Object.entries(data).filter(([, value]) => value !== null);
    const encoded = fields.map(([name, value]) => `data%5B${name}%5D=${encodeURIComponent(`${value}`)}`);
    const signed = [`api_key=${publicKey}`, ...encoded, 'event_type=cancelled', 'retry_count=0'].join('&');
    const spelled = signed.replaceAll('%20', '+');
    expect(headers.signature).toBe(createHmac('sha256', privateKey).update(spelled).digest('hex'));
  });

  test('carries the private key only where the merchant asked for that', async () => {
    await updateMerchant(world, merchant.id, { auth: 'private-key', privateKeyHeader: true });
    await cancelled();
    await send();
    expect((await attempts())[0]!.request_headers).not.toContain(merchant.privateKey);
    expect(shop.requests[0]!.headers['private-key']).toBe(merchant.privateKey);
    expect(shop.requests[0]!.headers.signature).toBeUndefined();
    await updateMerchant(world, merchant.id, { privateKeyHeader: false });
    await cancelled();
    await send();
    expect(shop.requests[1]!.headers['private-key']).toBeUndefined();
    expect(shop.requests[1]!.headers.signature).toMatch(/^[0-9a-f]{64}$/);
  });
});
