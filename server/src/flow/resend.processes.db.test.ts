/** Requests that people asked for, beside the schedule and one another: what is under way, and who may record it. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  makeInvoice,
  makeShop,
  pay,
  put,
  readTo,
  SECOND,
  type TestMerchant,
} from '../../../test/factories.ts';
import { answered, FakeShop } from '../../../test/fake-shop.ts';
import { lockWaiters } from '../../../test/lock-waiters.ts';
import { useWorld } from '../../../test/use-world.ts';
import { transact } from '../store/db.ts';
import { claimDeliveries } from '../store/deliveries.ts';
import { lockInvoices } from '../store/invoices.ts';
import {
  askForResend,
  type ClaimedResend,
  claimResends,
  endResend,
  recordResend,
  releaseResend,
} from '../store/resends.ts';
import { Dispatcher } from './dispatch.ts';
import { match } from './match.ts';
import { resend } from './resend.ts';
import { settle } from './settle.ts';

const world = useWorld();
let merchant: TestMerchant;
let shop: FakeShop;
let signal: AbortSignal;

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
  shop = new FakeShop();
  signal = new AbortController().signal;
});

/** Sends what is asked for, as a process of its own. */
const send = (at = shop, until = signal) => resend({ ...world, post: at.post, uuid: randomUUID }, until);
const dispatcher = (at = shop) =>
  new Dispatcher({ ...world, post: at.post, uuid: randomUUID, onFree: () => undefined });

/** Asks for every event there is once more. */
async function askForAll(): Promise<void> {
  const events = await world.db.selectFrom('deliveries').select('id').orderBy('id').execute();
  for (const { id } of events)
    await transact(world.db, tx => askForResend(tx, id, { askedBy: null, now: world.clock.now() }));
}

/** An invoice that owes its shop an event, which is asked for. */
async function asked(of = merchant) {
  const invoice = await put(world, await makeInvoice(world, of), 'cancelled');
  await askForAll();
  return invoice;
}

const rows = () => world.db.selectFrom('resends').selectAll().orderBy('id').execute();
const only = async () => (await rows())[0]!;
const state = async () =>
  (await world.db.selectFrom('deliveries').select('state').orderBy('id').execute()).map(row => row.state);
const types = () => shop.requests.map(({ body }) => JSON.parse(body).event_type);

/** Begins to send to a shop that answers when the test says so. */
async function begin(count = 1, until = signal) {
  const slow = new FakeShop();
  slow.reply = null;
  const ended = send(slow, until);
  await expect.poll(() => slow.requests.length, { timeout: 45_000 }).toBe(count);
  const answer = (status: number) => {
    for (const one of slow.requests) one.answer(answered(status));
  };
  return { ended, answer };
}

describe('a request under way', () => {
  test('is sent again when its process has not recorded it within a minute, and is then recorded once', async () => {
    await asked();
    const first = await begin();
    world.clock.advance(60 * SECOND);
    expect([await send(), await dispatcher().tick(signal)]).toEqual([0, 0]);
    world.clock.advance(1);
    const second = await begin();
    first.answer(200);
    await first.ended;
    expect(await only()).toMatchObject({ state: 'open', status: null, lease: expect.any(String) });
    second.answer(500);
    await second.ended;
    expect(await only()).toMatchObject({ state: 'answered', status: 500, lease: null });
    expect(await state()).toEqual(['open']);
  });

  test('is not given back by a process that has lost it', async () => {
    await asked();
    const stopping = new AbortController();
    const first = await begin(1, stopping.signal);
    world.clock.advance(60 * SECOND + 1);
    const second = await begin();
    stopping.abort();
    await first.ended;
    expect(await send()).toBe(0);
    second.answer(200);
    await second.ended;
    expect(await state()).toEqual(['delivered']);
  });

  test('of the schedule is waited for', async () => {
    await asked();
    const slow = new FakeShop();
    slow.reply = null;
    const scheduled = dispatcher(slow);
    expect(await scheduled.tick(signal)).toBe(1);
    expect(await send()).toBe(0);
    slow.requests[0]!.answer(answered(500));
    await scheduled.idle();
    expect(await send()).toBe(1);
  });

  test('of an earlier event of the invoice is waited for', async () => {
    await world.db
      .updateTable('merchants')
      .set({ opt_in_events: ['detected'] })
      .execute();
    await pay(world, await makeInvoice(world, merchant), { height: 100 });
    await match(world);
    await readTo(world, 'TRC-20', { height: 110, final: 100 });
    await settle(world);
    await askForAll();
    const first = await begin();
    expect(await send()).toBe(0);
    first.answer(200);
    await first.ended;
    expect(await send()).toBe(1);
    expect(types()).toEqual(['paid']);
    expect((await rows()).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('that is answered 200 delivers no event that was superseded meanwhile', async () => {
    const invoice = await asked();
    const first = await begin();
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    first.answer(200);
    await first.ended;
    expect(await state()).toEqual(['superseded', 'open']);
  });
});

describe('a dispatcher that does not see yet what is being claimed', () => {
  const claim = () => ({
    now: world.clock.now(),
    lease: randomUUID(),
    leaseMs: 60_000,
    limit: 9,
    perMerchant: 4,
    perAccount: 64,
  });
  const lease = async () =>
    (await world.db.selectFrom('deliveries').select('lease').executeTakeFirst())?.lease;

  test('sends nothing of that invoice beside it, until it has ended', async () => {
    await asked();
    const [mine] = await transact(world.db, async tx => {
      const claimed = await claimResends(tx, claim());
      // The row is locked by the claim: whoever comes later finds its lease there.
      expect(await claimDeliveries(world.db, claim())).toEqual([]);
      return claimed;
    });
    expect([mine!.lease, await claimDeliveries(world.db, claim())]).toEqual([await lease(), []]);
    await releaseResend(world.db, mine!);
    expect(await lease()).toBeNull();
    const [next] = await transact(world.db, tx => claimResends(tx, claim()));
    await endResend(world.db, next!, world.clock.now());
    expect(await lease()).toBeNull();
    await askForAll();
    shop.reply = answered(500);
    expect(await send()).toBe(1);
    expect([await lease(), await claimDeliveries(world.db, claim())]).toMatchObject([
      null,
      [{ attempts: 0 }],
    ]);
  });

  test('and that was first keeps the other one waiting', async () => {
    await asked();
    const [scheduled] = await transact(world.db, async tx => {
      const claimed = await claimDeliveries(tx, claim());
      const waiting = transact(world.db, other => claimResends(other, claim()));
      await expect.poll(() => lockWaiters(world.db), { timeout: 45_000 }).toBe(1);
      return [claimed, waiting] as const;
    }).then(async ([claimed, waiting]) => {
      expect(await waiting).toEqual([]);
      return claimed;
    });
    expect(scheduled).toMatchObject({ lease: await lease() });
  });
});

test('an invoice that is being changed is left for the next round', async () => {
  const { id } = await asked();
  await transact(world.db, async tx => {
    await lockInvoices(tx, [id]);
    expect(await send()).toBe(0);
  });
  expect(await send()).toBe(1);
});

test('of one merchant four are sent at once, and the others have theirs', async () => {
  for (let n = 0; n < 6; n++) await asked();
  await asked((await makeShop(world)).merchant);
  expect([await send(), await send(), await send()]).toEqual([5, 2, 0]);
  const ids = shop.requests.map(({ body }) => JSON.parse(body).data.id as number);
  expect(ids.slice(0, 5).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 7]);
});

test('who has another lease changes nothing', async () => {
  await asked();
  const claim = { now: world.clock.now(), lease: randomUUID(), leaseMs: 1, limit: 1, perMerchant: 1 };
  const [mine] = (await transact(world.db, tx => claimResends(tx, claim))) as [ClaimedResend];
  const before = await only();
  const other = { ...mine, lease: randomUUID() };
  const none = { requestHeaders: '[]', headers: null, body: null, error: null };
  await transact(world.db, tx =>
    recordResend(tx, other, { url: 'https://x/', startedAt: 1, endedAt: 1, status: 200, ...none }),
  );
  await endResend(world.db, other, 1);
  await releaseResend(world.db, other);
  expect([await only(), await state()]).toEqual([before, ['open']]);
});
