import type { Selectable } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeInvoice, makeShop, pay, put, readTo, type TestMerchant } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Outcome } from '../lib/fetch-outcome.ts';
import { transact } from '../store/db.ts';
import { claimDeliveries } from '../store/deliveries.ts';
import { findViolations } from '../store/invariants.ts';
import { askForFailed, askForResend } from '../store/resends.ts';
import type { Schema } from '../store/schema.ts';
import { findDelivery, requestsOf, resendsOf } from '../store/webhook-log.ts';
import { match } from './match.ts';
import { resend } from './resend.ts';

const world = useWorld();
let merchant: TestMerchant;
let userId: number;
const sent: { url: string; headers: Record<string, string>; body: string }[] = [];

beforeEach(async () => {
  merchant = (await makeShop(world)).merchant;
  const row = await world.db.selectFrom('merchants').select('user_id').executeTakeFirstOrThrow();
  userId = row.user_id;
  sent.length = 0;
});

const answered = (status: number): Outcome => ({
  kind: 'response',
  status,
  headers: [['x-shop', 'yes']],
  body: 'thanks',
  truncated: false,
});

type Fate = Pick<Selectable<Schema['deliveries']>, 'state' | 'attempts'>;

let ids = 0;
const uuid = () => `00000000-0000-4000-8000-${(++ids).toString().padStart(12, '0')}`;

const run = (outcome: Outcome) =>
  resend(
    {
      ...world,
      uuid,
      post: async (url, request) => {
        sent.push({ url, ...request });
        return outcome;
      },
    },
    new AbortController().signal,
  );

/** An expired invoice whose event came to nothing. */
async function failed(of = merchant, { state = 'no_endpoint', attempts = 0 }: Partial<Fate> = {}) {
  await readTo(world, 'TRC-20', { height: 100 + world.next() });
  const invoice = await makeInvoice(world, of);
  world.clock.advance(4 * 3_600_000);
  await put(world, invoice, 'deadline_passed');
  const { id } = await world.db
    .selectFrom('deliveries')
    .select('id')
    .where('invoice_id', '=', invoice.id)
    .executeTakeFirstOrThrow();
  const at = new Date(world.clock.now());
  await world.db
    .updateTable('deliveries')
    .set({ state, attempts, ended_at: state === 'open' ? null : at })
    .where('id', '=', id)
    .execute();
  return { invoice, id };
}

const ask = (id: number) =>
  transact(world.db, tx => askForResend(tx, id, { askedBy: null, now: world.clock.now() }));
/** Asks for all that failed since a moment. */
const askAll = (since: number, limit = 100) =>
  transact(world.db, tx =>
    askForFailed(tx, { merchantId: merchant.id, since, limit }, { askedBy: null, now: world.clock.now() }),
  );
const stateOf = async (id: number) => (await findDelivery(world.db, userId, id))?.state;

test('an event is sent once more under its own id, its data unchanged, and is delivered by a 200', async () => {
  const { id } = await failed();
  expect(await ask(id)).toBe('queued');
  expect(await ask(id)).toBe('queued_already');
  expect(await run(answered(200))).toBe(1);
  const delivery = await findDelivery(world.db, userId, id);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.body).toBe(`{"event_type":"expired","retry_count":0,"data":${delivery?.data}}`);
  expect(sent[0]?.headers['webhook-id']).toBe(delivery?.webhook_id);
  expect(delivery?.state).toBe('delivered');
  const [row] = await resendsOf(world.db, delivery?.outbox_id ?? 0);
  expect(row).toMatchObject({
    state: 'answered',
    status: 200,
    body: 'thanks',
    headers: '[["x-shop","yes"]]',
  });
  expect(JSON.parse(row?.request_headers ?? '')).toContainEqual(['webhook-id', delivery?.webhook_id]);
  // It is beside the schedule, which has made no request.
  expect(await requestsOf(world.db, id)).toEqual([]);
  expect(await findViolations(world.db)).toEqual([]);
  expect(await run(answered(200))).toBe(0);
});

test('what fails once more is on record, and can be asked for again', async () => {
  const { id } = await failed();
  await ask(id);
  await run({ kind: 'error', class: 'dns', message: 'The host name has no address.' });
  expect(await stateOf(id)).toBe('no_endpoint');
  expect(await ask(id)).toBe('queued');
  await run(answered(200));
  expect(await stateOf(id)).toBe('delivered');
  expect(await findViolations(world.db)).toEqual([]);
});

test.each([
  [200, 'open', 'delivered'],
  [200, 'exhausted', 'delivered'],
  [201, 'open', 'open'],
  [204, 'exhausted', 'exhausted'],
  [299, 'no_endpoint', 'no_endpoint'],
] as const)('an answer of %i leaves an event that was %s as %s', async (status, state, left) => {
  const { id } = await failed(merchant, { state });
  await ask(id);
  await run(answered(status));
  expect(await stateOf(id)).toBe(left);
});

test('the body is that of the last request of the schedule, however it was asked for', async () => {
  const since = world.clock.now();
  const retries = () => sent.map(({ body }) => JSON.parse(body).retry_count);
  await ask((await failed(merchant, { attempts: 10, state: 'exhausted' })).id);
  await run(answered(500));
  await askAll(since);
  await run(answered(500));
  expect(retries()).toEqual([9, 9]);
});

test('a process that stops gives it back', async () => {
  const { id } = await failed();
  await ask(id);
  await run({ kind: 'error', class: 'aborted', message: 'stopped' });
  expect(await run(answered(500))).toBe(1);
  expect(sent).toHaveLength(2);
});

describe('a stale event', () => {
  test('is not asked for once a later one has happened', async () => {
    const { invoice, id } = await failed();
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    expect(await ask(id)).toBe('stale');
    expect(await run(answered(200))).toBe(0);
  });

  test('is not sent either when the later one came after it was asked for', async () => {
    const { invoice, id } = await failed();
    await ask(id);
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    expect(await run(answered(200))).toBe(0);
    expect(sent).toEqual([]);
    expect(await stateOf(id)).toBe('no_endpoint');
  });

  test('on its way keeps the later one waiting', async () => {
    const { invoice, id } = await failed();
    await ask(id);
    const claim = () =>
      claimDeliveries(world.db, {
        now: world.clock.now(),
        lease: uuid(),
        leaseMs: 60_000,
        limit: 9,
        perMerchant: 9,
        perAccount: 64,
      });
    let during: unknown[] = ['not asked'];
    await resend(
      {
        ...world,
        uuid,
        post: async () => {
          await put(world, invoice, 'confirmed_manually', {
            transactionId: 'a',
            payerWallet: null,
            paidAt: 1,
          });
          during = await claim();
          return answered(200);
        },
      },
      new AbortController().signal,
    );
    expect(during).toEqual([]);
    expect(await claim()).toMatchObject([{ type: 'paid_manually' }]);
  });
});

test('without a webhook URL nothing is sent', async () => {
  const { id } = await failed();
  await ask(id);
  await world.db.updateTable('merchants').set({ webhook_url: null }).execute();
  await run(answered(200));
  expect(sent).toEqual([]);
  expect(await ask(id)).toBe('queued');
});

test('all that failed since a moment are asked for, each once, and no others', async () => {
  const old = await failed();
  world.clock.advance(60_000);
  const since = world.clock.now();
  const [a, b] = [await failed(), await failed()];
  await ask(a.id);
  expect(await askAll(since)).toBe(1);
  expect(await askAll(since)).toBe(0);
  await run(answered(200));
  expect(await Promise.all([old.id, a.id, b.id].map(stateOf))).toEqual([
    'no_endpoint',
    'delivered',
    'delivered',
  ]);
  expect(await findViolations(world.db)).toEqual([]);
});

test.each([
  ['exhausted', 1],
  ['no_endpoint', 1],
  ['open', 0],
  ['delivered', 0],
  ['superseded', 0],
] as const)('of what is %s as many are asked for: %i', async (state, count) => {
  const since = world.clock.now();
  await failed(merchant, { state });
  expect(await askAll(since)).toBe(count);
});

test('what failed at that moment is asked for, the newest first, of this merchant alone, and nothing stale', async () => {
  const [old, first] = [await failed(), await failed()];
  const since = world.clock.now();
  await failed((await makeShop(world)).merchant);
  const second = await failed();
  await put(world, old.invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
  await world.db
    .updateTable('deliveries')
    .set({ ended_at: new Date(since) })
    .where('id', '=', old.id)
    .execute();
  expect([await askAll(since, 1), await askAll(since + 1)]).toEqual([1, 0]);
  await run(answered(200));
  expect([await stateOf(first.id), await stateOf(second.id)]).toEqual(['no_endpoint', 'delivered']);
  expect([await askAll(since), await askAll(since)]).toEqual([1, 0]);
});

test('an opt-in event makes no other stale, nor is made so', async () => {
  await world.db
    .updateTable('merchants')
    .set({ opt_in_events: ['detected', 'late'] })
    .execute();
  const { invoice, id } = await failed();
  await pay(world, invoice);
  await match(world);
  expect(await ask(id)).toBe('queued');
  await run(answered(200));
  await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
  const events = await world.db.selectFrom('deliveries').select('id').orderBy('id').execute();
  const outcomes: string[] = [];
  for (const event of events) outcomes.push(await ask(event.id));
  expect(outcomes).toEqual(['stale', 'queued', 'queued']);
  await run(answered(200));
  await run(answered(200));
  expect(sent.map(({ body }) => JSON.parse(body).event_type)).toEqual(['expired', 'late', 'paid_manually']);
});
