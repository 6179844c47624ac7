import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  makeInvoice,
  makeShop,
  makeUser,
  pay,
  put,
  readTo,
  SECOND,
  type TestMerchant,
} from '../../../test/factories.ts';
import { answered, FakeShop } from '../../../test/fake-shop.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Invoice } from '../domain/invoice.ts';
import { claimDeliveries, endWithoutEndpoint, releaseLeases } from '../store/deliveries.ts';
import { findViolations } from '../store/invariants.ts';
import { Dispatcher } from './dispatch.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

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

describe('the events of one invoice', () => {
  /** An invoice that was cancelled and is then found to be paid. */
  async function paidAfterAll(invoice: Invoice) {
    await pay(world, invoice, { height: 100, time: invoice.createdAt });
    await match(world);
    await readTo(world, 'TRC-20', { height: 110, final: 100 });
    await settle(world);
  }

  test('end the earlier one as superseded: it is not sent any more', async () => {
    const invoice = await cancelled();
    shop.reply = answered(500);
    await send();
    await paidAfterAll(invoice);
    shop.reply = answered(200);
    world.clock.advance(HOUR);
    expect(await send()).toBe(1);
    expect(shop.requests.map(({ body }) => JSON.parse(body).event_type)).toEqual(['cancelled', 'paid']);
    expect((await deliveries()).map(({ state, attempts: made }) => [state, made])).toEqual([
      ['superseded', 1],
      ['delivered', 1],
    ]);
    world.clock.advance(100 * HOUR);
    expect(await send()).toBe(0);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('are never under way together: the later one waits for the request of the earlier, which is put on record', async () => {
    const invoice = await cancelled();
    shop.reply = null;
    const dispatcher = start();
    await dispatcher.tick(signal);
    await paidAfterAll(invoice);
    expect(await start().tick(signal)).toBe(0);
    shop.requests[0]!.answer(answered(200));
    await dispatcher.idle();
    expect((await deliveries()).map(({ state, attempts: made }) => [state, made])).toEqual([
      ['superseded', 1],
      ['open', 0],
    ]);
    shop.reply = answered(200);
    expect(await send(dispatcher)).toBe(1);
    expect(JSON.parse(shop.requests[1]!.body)).toMatchObject({ event_type: 'paid', retry_count: 0 });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that fall due together are sent one after the other, in the order they happened', async () => {
    await world.db
      .updateTable('merchants')
      .set({ opt_in_events: ['detected'] })
      .execute();
    await paidAfterAll(await makeInvoice(world, merchant));
    const types = () => shop.requests.map(({ body }) => JSON.parse(body).event_type);
    shop.reply = null;
    const dispatcher = start();
    expect(await dispatcher.tick(signal)).toBe(1);
    expect(await start().tick(signal)).toBe(0);
    shop.requests[0]!.answer(answered(200));
    await dispatcher.idle();
    shop.reply = answered(200);
    expect(await send(dispatcher)).toBe(1);
    expect(types()).toEqual(['detected', 'paid']);
  });

  test('of a process that died in the middle go on once its lease has run out', async () => {
    const invoice = await cancelled();
    shop.reply = null;
    await start().tick(signal);
    await paidAfterAll(invoice);
    shop.reply = answered(200);
    world.clock.advance(60 * SECOND);
    expect(await send()).toBe(0);
    world.clock.advance(1);
    expect(await send()).toBe(1);
    expect(JSON.parse(shop.requests[1]!.body).event_type).toBe('paid');
  });
});

describe('a process that dies while a request is under way', () => {
  test('has it sent again as the same one when its lease has run out', async () => {
    await cancelled();
    shop.reply = null;
    await start().tick(signal);
    const second = start();
    world.clock.advance(60 * SECOND);
    expect(await second.tick(signal)).toBe(0);
    world.clock.advance(1);
    shop.reply = answered(200);
    expect(await send(second)).toBe(1);
    const [before, after] = shop.requests;
    expect(after!.headers['webhook-id']).toBe(before!.headers['webhook-id']);
    expect(after!.body).toBe(before!.body);
    expect(await only()).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  test('and was only slow puts nothing on record any more', async () => {
    await cancelled();
    shop.reply = null;
    const slow = start();
    await slow.tick(signal);
    world.clock.advance(61 * SECOND);
    const second = start();
    await second.tick(signal);
    shop.requests[0]!.answer(answered(200, 'of the first'));
    await slow.idle();
    expect(await only()).toMatchObject({ state: 'open', attempts: 0, lease: expect.any(String) });
    shop.requests[1]!.answer(answered(500, 'of the second'));
    await second.idle();
    expect(await only()).toMatchObject({ state: 'open', attempts: 1, lease: null });
    expect((await attempts()).map(({ body }) => body)).toEqual(['of the second']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('leaves the places of its merchant to the next one', async () => {
    for (let i = 0; i < 5; i++) await cancelled();
    shop.reply = null;
    expect(await start().tick(signal)).toBe(4);
    world.clock.advance(60 * SECOND + 1);
    shop.reply = answered(200);
    expect([await send(), await send()]).toEqual([4, 1]);
  });

  test('because it was stopped gives it back at once, as if it had not been sent', async () => {
    await cancelled();
    shop.reply = null;
    const stopping = new AbortController();
    const dispatcher = start();
    await dispatcher.tick(stopping.signal);
    stopping.abort();
    await dispatcher.idle();
    expect(await only()).toMatchObject({ state: 'open', attempts: 0, lease: null, leased_until: null });
    shop.reply = answered(200);
    expect(await send()).toBe(1);
    expect(retries()).toEqual([0, 0]);
  });
});

describe('many deliveries', () => {
  test('of one merchant have four requests under way, and leave the others theirs', async () => {
    for (let i = 0; i < 10; i++) await cancelled();
    const other = await makeShop(world);
    await cancelled(other.merchant);
    shop.reply = null;
    const dispatcher = start();
    expect(await dispatcher.tick(signal)).toBe(5);
    expect(await dispatcher.tick(signal)).toBe(0);
    expect(await start().tick(signal)).toBe(0);
    const ids = shop.requests.map(({ body }) => JSON.parse(body).data.id as number);
    expect(ids.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 11]);
    shop.reply = answered(200);
    for (const { answer } of shop.requests) answer(answered(200));
    await dispatcher.idle();
    expect([await send(dispatcher), await send(dispatcher), await send(dispatcher)]).toEqual([4, 2, 0]);
    expect((await deliveries()).every(({ state }) => state === 'delivered')).toBe(true);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of a shop that never answers do not hold up the other shops', async () => {
    for (let i = 0; i < 6; i++) await cancelled();
    const silent = new FakeShop();
    silent.reply = null;
    await start(silent).tick(signal);
    const other = await makeShop(world);
    const invoice = await cancelled(other.merchant);
    expect(await send()).toBe(1);
    expect(JSON.parse(shop.requests[0]!.body).data.id).toBe(invoice.id);
  });

  test('are sent once each by several processes', async () => {
    for (let i = 0; i < 12; i++) {
      const other = await makeShop(world);
      for (let j = 0; j < 3; j++) await cancelled(other.merchant);
    }
    await warm(world.db);
    const claimed = await Promise.all(Array.from({ length: 5 }, () => send(start())));
    expect(claimed.reduce((sum, count) => sum + count, 0)).toBe(36);
    expect(new Set(shop.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(36);
    expect(await send()).toBe(0);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('are claimed 64 at a time, the longest due first', async () => {
    for (let i = 0; i < 20; i++) {
      const other = await makeShop(world);
      world.clock.advance(SECOND);
      for (let j = 0; j < 4; j++) await cancelled(other.merchant);
    }
    expect([await send(), await send(), await send()]).toEqual([64, 16, 0]);
    const ids = shop.requests.map(({ body }) => JSON.parse(body).data.id as number);
    expect(Math.max(...ids.slice(0, 64))).toBe(64);
  });
});

describe('a claim', () => {
  const claim = (perMerchant: number, given: Partial<Parameters<typeof claimDeliveries>[1]> = {}) =>
    claimDeliveries(world.db, {
      now: world.clock.now(),
      lease: randomUUID(),
      leaseMs: 1,
      limit: 9,
      perMerchant,
      perAccount: 64,
      ...given,
    });

  test('of one account with many merchants gives way to others once it has its share', async () => {
    const userId = await makeUser(world);
    const theirs: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { merchant } = await makeShop(world, { merchant: { userId } });
      for (let j = 0; j < 2; j++) theirs.push((await cancelled(merchant)).id);
    }
    world.clock.advance(SECOND);
    const other = (await cancelled((await makeShop(world)).merchant)).id;
    world.clock.advance(SECOND);
    const share = { perAccount: 2, limit: 2, leaseMs: HOUR };
    const ids = async () => (await claim(4, share)).map(({ data }) => JSON.parse(data).id);
    // Its share first, being due the longest; then whoever else waits, though that is due later; then the rest, for nobody waits.
    expect(await ids()).toEqual(theirs.slice(0, 2));
    expect(await ids()).toEqual([theirs[2], other]);
    expect(await ids()).toEqual(theirs.slice(3, 5));
    expect(await ids()).toEqual(theirs.slice(5));
  });

  test('of one merchant is of what is due the longest, which a retry is not', async () => {
    await cancelled();
    shop.reply = answered(500);
    await send();
    world.clock.advance(10 * SECOND);
    const { id } = await cancelled();
    world.clock.advance(HOUR);
    expect((await claim(1)).map(({ data }) => JSON.parse(data).id)).toEqual([id]);
  });

  test('that was lost ends nothing, and gives nothing back', async () => {
    await cancelled();
    const [mine] = await claim(1);
    const before = await only();
    const lost = [{ ...mine!, lease: randomUUID() }];
    await endWithoutEndpoint(world.db, lost, world.clock.now());
    await releaseLeases(world.db, lost);
    expect(await only()).toEqual(before);
  });

  test('of an event that was superseded meanwhile leaves it so where there is no address', async () => {
    const invoice = await cancelled();
    const claimed = await claim(1);
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    await endWithoutEndpoint(world.db, claimed, world.clock.now());
    expect((await deliveries()).map(({ state }) => state)).toEqual(['superseded', 'open']);
  });
});

test('a dispatcher tells when a request has ended, so that its place is taken', async () => {
  await cancelled();
  let freed = 0;
  const dispatcher = new Dispatcher({
    ...world,
    post: shop.post,
    uuid: randomUUID,
    onFree: () => {
      freed++;
    },
  });
  await send(dispatcher);
  expect(freed).toBe(1);
});
