import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { HOUR, makeInvoice, makeShop, makeUser, put, readTo, SECOND } from '../../../test/factories.ts';
import { answered, FakeShop } from '../../../test/fake-shop.ts';
import { useWorld } from '../../../test/use-world.ts';
import { cancelInvoice } from '../commands/cancel-invoice.ts';
import { Dispatcher } from '../flow/dispatch.ts';
import { resend } from '../flow/resend.ts';
import { transact } from './db.ts';
import { askForResend } from './resends.ts';
import { type DeliveryQuery, endpointHealth, findDelivery, listDeliveries } from './webhook-log.ts';

const world = useWorld();
const { signal } = new AbortController();

/** Sends what is due; the shop answers after so many seconds. */
async function send(status: number, seconds = 0): Promise<void> {
  const shop = new FakeShop();
  shop.reply = null;
  const deps = { ...world, post: shop.post, uuid: randomUUID, onFree: () => undefined };
  const dispatcher = new Dispatcher(deps);
  await dispatcher.tick(signal);
  world.clock.advance(seconds * SECOND);
  for (const { answer } of shop.requests) answer(answered(status));
  await dispatcher.idle();
}

const all = { state: null, type: null, before: null, limit: 50 } satisfies Partial<DeliveryQuery>;

test('deliveries are listed once and newest first, however few merchants a page looks at', async () => {
  const shops = [await makeShop(world), await makeShop(world), await makeShop(world)];
  const expected: number[] = [];
  for (const n of [0, 1, 1, 0, 2, 1, 2]) {
    const { merchant } = shops[n]!;
    const { id } = await makeInvoice(world, merchant);
    await cancelInvoice(world, { merchantId: merchant.id, invoiceId: id });
    expected.unshift(id);
  }
  const merchantIds = shops.map(({ merchant }) => merchant.id);
  for (const most of [1, 2, 64]) {
    const found: number[] = [];
    for (let before: number | null = null; ; ) {
      const query = { merchantIds, state: null, type: null, before, limit: 2 };
      const { deliveries, next } = await listDeliveries(world.db, query, most);
      expect(deliveries.length).toBeLessThanOrEqual(2);
      found.push(...deliveries.map(({ invoice_id }) => invoice_id));
      if (next === null) break;
      before = next;
    }
    expect(found).toEqual(expected);
  }
});

test('a delivery is found by its own account alone', async () => {
  const [own, other] = [await makeUser(world), await makeUser(world)];
  const { merchant } = await makeShop(world, { merchant: { userId: own } });
  await put(world, await makeInvoice(world, merchant), 'cancelled');
  const { deliveries } = await listDeliveries(world.db, { ...all, merchantIds: [merchant.id] });
  const { id } = deliveries[0]!;
  expect((await findDelivery(world.db, own, id))?.id).toBe(id);
  expect(await findDelivery(world.db, other, id)).toBeNull();
});

test('a delivery is listed with its newest request, be it of the schedule or asked for', async () => {
  const { merchant } = await makeShop(world);
  await put(world, await makeInvoice(world, merchant), 'cancelled');
  const last = async () => {
    const { deliveries } = await listDeliveries(world.db, { ...all, merchantIds: [merchant.id] });
    return deliveries.map(one => [one.attempts, one.last_status, one.last_started_at]);
  };
  expect(await last()).toEqual([[0, null, null]]);
  await send(500);
  world.clock.advance(HOUR);
  await send(503);
  expect(await last()).toEqual([[2, 503, world.clock.now()]]);
  for (const status of [404, 410]) {
    world.clock.advance(SECOND);
    await transact(world.db, tx => askForResend(tx, 1, { askedBy: null, now: world.clock.now() }));
    await resend({ ...world, post: async () => answered(status), uuid: randomUUID }, signal);
    expect(await last()).toEqual([[2, status, world.clock.now()]]);
  }
  world.clock.advance(HOUR);
  await send(200);
  expect(await last()).toEqual([[3, 200, world.clock.now()]]);
});

test.each([
  [null, [6, 5, 4, 3, 2, 1]],
  ['open', [6, 1]],
  ['delivered', [2]],
  ['failed', [4, 3]],
] as const)('of what is %s these are listed: %j', async (state, ids) => {
  const { merchant } = await makeShop(world);
  for (const fate of ['open', 'delivered', 'exhausted', 'no_endpoint', 'superseded', 'open'] as const) {
    const { id } = await put(world, await makeInvoice(world, merchant), 'cancelled');
    const ended_at = fate === 'open' ? null : new Date(world.clock.now());
    await world.db
      .updateTable('deliveries')
      .set({ state: fate, ended_at })
      .where('invoice_id', '=', id)
      .execute();
  }
  const found = async (type: DeliveryQuery['type']) => {
    const query = { ...all, state, type, merchantIds: [merchant.id] };
    return (await listDeliveries(world.db, query)).deliveries.map(({ id }) => id);
  };
  expect([await found(null), await found('cancelled'), await found('paid')]).toEqual([ids, ids, []]);
});

test('the health of an endpoint is that of its own requests of the last while, and says since when it fails', async () => {
  const [{ merchant }, other] = [await makeShop(world), await makeShop(world)];
  const cancelled = async (of = merchant) => {
    await readTo(world, 'TRC-20', { height: 100 + world.next() });
    return put(world, await makeInvoice(world, of), 'cancelled');
  };
  await cancelled();
  const first = world.clock.now();
  await send(200, 1);
  world.clock.advance(HOUR);
  const since = world.clock.now();
  const health = () => endpointHealth(world.db, merchant.id, since);
  expect(await health()).toEqual({
    requests: 0,
    delivered: 0,
    median_ms: null,
    last_success_at: first,
    failing_since: null,
    open: 0,
  });
  await cancelled();
  await cancelled(other.merchant);
  await send(500, 3);
  world.clock.advance(HOUR);
  await send(500, 5);
  const failing = { requests: 2, delivered: 0, median_ms: 4000, last_success_at: first };
  expect(await health()).toEqual({ ...failing, failing_since: since, open: 1 });
  world.clock.advance(HOUR);
  const again = world.clock.now();
  await send(200, 4);
  const well = { requests: 3, delivered: 1, median_ms: 4000, last_success_at: again };
  expect(await health()).toEqual({ ...well, failing_since: null, open: 0 });
});
