import { beforeEach, describe, expect, test } from 'vitest';
import { makeInvoice, makeShop, put, readTo, type TestMerchant } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Outcome } from '../lib/fetch-outcome.ts';
import { transact } from '../store/db.ts';
import { claimDeliveries } from '../store/deliveries.ts';
import { findViolations } from '../store/invariants.ts';
import { askForFailed, askForResend } from '../store/resends.ts';
import { findDelivery, requestsOf, resendsOf } from '../store/webhook-log.ts';
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

/** An expired invoice whose event has failed ten times. */
async function exhausted() {
  await readTo(world, 'TRC-20', { height: 100 + world.next() });
  const invoice = await makeInvoice(world, merchant);
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
    .set({ state: 'no_endpoint', ended_at: at })
    .where('id', '=', id)
    .execute();
  return { invoice, id };
}

const ask = (id: number) =>
  transact(world.db, tx => askForResend(tx, id, { askedBy: null, now: world.clock.now() }));
const stateOf = async (id: number) => (await findDelivery(world.db, userId, id))?.state;

test('an event is sent once more under its own id, its data unchanged, and is delivered by a 200', async () => {
  const { id } = await exhausted();
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
  const { id } = await exhausted();
  await ask(id);
  await run({ kind: 'error', class: 'dns', message: 'The host name has no address.' });
  expect(await stateOf(id)).toBe('no_endpoint');
  expect(await ask(id)).toBe('queued');
  await run(answered(200));
  expect(await stateOf(id)).toBe('delivered');
  expect(await findViolations(world.db)).toEqual([]);
});

test('a process that dies in between leaves a lease that runs out, and one that stops gives it back', async () => {
  const { id } = await exhausted();
  await ask(id);
  await run({ kind: 'error', class: 'aborted', message: 'stopped' });
  expect(await run(answered(500))).toBe(1);
  expect(sent).toHaveLength(2);
});

describe('a stale event', () => {
  test('is not asked for once a later one has happened', async () => {
    const { invoice, id } = await exhausted();
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    expect(await ask(id)).toBe('stale');
    expect(await run(answered(200))).toBe(0);
  });

  test('is not sent either when the later one came after it was asked for', async () => {
    const { invoice, id } = await exhausted();
    await ask(id);
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    expect(await run(answered(200))).toBe(0);
    expect(sent).toEqual([]);
    expect(await stateOf(id)).toBe('no_endpoint');
  });

  test('on its way keeps the later one waiting', async () => {
    const { invoice, id } = await exhausted();
    await ask(id);
    const claim = () =>
      claimDeliveries(world.db, {
        now: world.clock.now(),
        lease: uuid(),
        leaseMs: 60_000,
        limit: 9,
        perMerchant: 9,
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
  const { id } = await exhausted();
  await ask(id);
  await world.db.updateTable('merchants').set({ webhook_url: null }).execute();
  await run(answered(200));
  expect(sent).toEqual([]);
  expect(await ask(id)).toBe('queued');
});

test('all that failed since a moment are asked for, each once, and no others', async () => {
  const old = await exhausted();
  world.clock.advance(60_000);
  const since = world.clock.now();
  const [a, b] = [await exhausted(), await exhausted()];
  await ask(a.id);
  const askAll = (limit: number) =>
    transact(world.db, tx =>
      askForFailed(tx, { merchantId: merchant.id, since, limit }, { askedBy: null, now: world.clock.now() }),
    );
  expect(await askAll(100)).toBe(1);
  expect(await askAll(100)).toBe(0);
  await run(answered(200));
  expect(await Promise.all([old.id, a.id, b.id].map(stateOf))).toEqual([
    'no_endpoint',
    'delivered',
    'delivered',
  ]);
  expect(await findViolations(world.db)).toEqual([]);
});
