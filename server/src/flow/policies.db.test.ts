import { beforeEach, describe, expect, test } from 'vitest';
import {
  decimal,
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  must,
  type Payment,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { fateOf, idOfTransfer, orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { dismissException, markTransfer } from '../commands/mark-transfer.ts';
import type { MerchantSettings } from '../commands/merchant-settings.ts';
import { updateMerchant } from '../commands/update-merchant.ts';
import { type Invoice, optInTypes } from '../domain/invoice.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { listTasks } from '../store/tasks.ts';
import { expire } from './expire.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
let merchant: TestMerchant;
let invoice: Invoice;

/** A shop that accepts this, with an invoice over 10.007 USDT. */
async function shop(given: Partial<MerchantSettings>): Promise<void> {
  ({ merchant } = await makeShop(world, { merchant: { optInEvents: [...optInTypes], ...given } }));
  invoice = await makeInvoice(world, merchant);
}

const found = async ({ id } = invoice) => (await invoiceById(world.db, id))!;
const standing = async (of = invoice) => {
  const { status, exception } = await found(of);
  return [status, exception];
};
const due = (of = invoice) => methodOf(of).final.units;
const orphan = (above: number) => orphanAbove(world, above);

const fate = (txId: string) => fateOf(world, txId);

async function judged(payment: Payment = {}, of = invoice) {
  const txId = await pay(world, of, payment);
  await match(world);
  return fate(txId);
}

/** Everything so far becomes final. */
async function makeFinal(height = 130): Promise<void> {
  await readTo(world, 'TRC-20', { height, final: height - 5 });
  while ((await settle(world)) + (await match(world)) > 0);
}

async function makeExpired(): Promise<void> {
  world.clock.advance(invoice.expireAt - world.clock.now() + 3 * MINUTE);
  await readTo(world, 'TRC-20', { height: 110 });
  expect(await expire(world)).toBe(1);
}

const told = async () => {
  const rows = await world.db.selectFrom('outbox').select(['type', 'data']).orderBy('id').execute();
  return rows.map(({ type, data }) => [type, JSON.parse(data) as Record<string, unknown>] as const);
};
const types = async () => (await told()).map(([type]) => type);
const tasks = async () =>
  (await listTasks(world.db, { merchantIds: [merchant.id], limit: 10 })).map(({ kind }) => kind);

const counts = () => ['matched', null, invoice.id];
const nobodys = ['unmatched', 'no_reservation', null];

describe('an amount within what the shop accepts', () => {
  beforeEach(() => shop({ underpaidTolerance: '0.1', overpaidTolerance: '0.2' }));

  test('counts when it is less, to the last unit of the tolerance', async () => {
    expect(await judged({ units: due() - 10_001n })).toEqual(nobodys);
    expect(await judged({ units: due() - 10_000n })).toEqual(['matched', null, invoice.id]);
    expect(await standing()).toEqual(['confirming', null]);
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'underpaid']);
    expect(await types()).toEqual(['detected', 'paid', 'underpaid']);
    const deliveries = await world.db.selectFrom('deliveries').select('state').execute();
    expect(deliveries.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    expect(await tasks()).toEqual(['no_reservation', 'underpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts when it is more, and the event says what has arrived', async () => {
    expect(await judged({ units: due() + 20_001n })).toEqual(nobodys);
    expect(await judged({ units: due() + 20_000n })).toEqual(['matched', null, invoice.id]);
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'overpaid']);
    const [, over] = (await told()).find(([type]) => type === 'overpaid')!;
    const received = `${Number(due() + 20_000n) / 1e6}`;
    expect(over).toMatchObject({ id: invoice.id, received_amount: received, status: 'completed' });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts for nobody when it is as near to the amount of another invoice, of whoever', async () => {
    const userId = (await userOfMerchant(world.db, merchant.id)) ?? 0;
    const shared = methodOf(invoice).addressKey;
    const second = await makeShop(world, { merchant: { userId }, wallet: { account: shared.slice(2) } });
    expect(second.wallet.key).toBe(shared);
    const other = await makeInvoice(world, second.merchant);
    const [low, high] = due() < due(other) ? [invoice, other] : [other, invoice];
    const middle = (due(low) + due(high)) / 2n;
    expect(await judged({ units: middle })).toEqual(nobodys);
    expect(await judged({ units: middle + 1n })).toEqual(
      due(high) - middle - 1n <= 10_000n ? ['matched', null, high.id] : nobodys,
    );
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts for nobody at an address that another account has registered, too, but where it counted before', async () => {
    const earlier = await pay(world, invoice, { units: due() - 10_000n, height: 105 });
    await match(world);
    await orphan(104);
    await settle(world);
    const [units, account] = [due() - 5000n, methodOf(invoice).addressKey.slice(2)];
    await makeShop(world, { wallet: { account, asset: 'USDC', active: false } });
    expect(await judged({ units })).toEqual(nobodys);
    expect(await judged({ units: due() - 10_000n, txId: earlier, fork: 1 })).toEqual(counts());
    expect(await judged()).toEqual(['unmatched', 'second_transfer', invoice.id]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('keeps its place against invoices that come later when the chain takes it away and brings it back', async () => {
    const units = due() - 10_000n;
    expect(await judged({ units, height: 105 })).toEqual(counts());
    await orphan(104);
    await settle(world);
    expect(await standing()).toEqual(['new', null]);
    await updateMerchant(world, merchant.id, { underpaidTolerance: '0' });
    world.clock.advance(MINUTE);
    world.random = () => 0;
    const [beside, same] = [units - 1000n, units].map(all => `${Number(all - 1000n) / 1e6}`);
    const others = [
      await makeInvoice(world, merchant, { amount: beside! }),
      await makeInvoice(world, merchant, { amount: same! }),
    ];
    expect(others.map(due)).toEqual([units - 1000n, units]);
    const txId = (await world.db.selectFrom('transfers').select('tx_id').executeTakeFirstOrThrow()).tx_id;
    expect(await judged({ units, height: 105, fork: 1, txId })).toEqual(counts());
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'underpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts for nobody near the amount of an ended invoice in its hold, and again when that is over', async () => {
    const ended = await makeInvoice(world, merchant);
    await put(world, ended, 'cancelled');
    const middle = (due() + due(ended)) / 2n;
    const nearer = due(ended) > due() ? middle - 1n : middle + 1n;
    expect(await judged({ units: middle })).toEqual(nobodys);
    world.clock.advance(25 * HOUR);
    await readTo(world, 'TRC-20', { height: 120 });
    invoice = await makeInvoice(world, merchant);
    expect(nearer).not.toBe(middle);
    expect(await judged({ units: due() - 5000n })).toEqual(['matched', null, invoice.id]);
  });

  test('is the holder’s up to the very end of the hold, however near another invoice is', async () => {
    await put(world, invoice, 'cancelled');
    const heldUntil = world.clock.now() + 24 * HOUR;
    world.clock.time = heldUntil;
    await readTo(world, 'TRC-20', { height: 120 });
    const tails = due() - 10_000_000n;
    world.random = n => Number(tails / 1000n - 1n) % n;
    const neighbour = await makeInvoice(world, merchant);
    expect(due(neighbour) - due()).toBe(1000n);
    expect(await judged({ time: heldUntil })).toEqual(['unmatched', 'after_deadline', invoice.id]);
    expect(await judged({ time: heldUntil + 1 })).toEqual(['matched', null, neighbour.id]);
  });

  test('is no payment of an invoice made after it was seen, nor after the deadline', async () => {
    const txId = await pay(world, invoice, { units: due() - 1n });
    world.clock.advance(1);
    await world.db
      .updateTable('invoices')
      .set({ method_at: new Date(world.clock.now()) })
      .execute();
    await match(world);
    expect(await fate(txId)).toEqual(nobodys);
    await makeExpired();
    expect(await judged({ units: due() - 1n })).toEqual(nobodys);
  });

  test('comes second when the exact amount counts, and counts once that has left the chain', async () => {
    await judged({ height: 105 });
    expect(await judged({ height: 100, units: due() - 1n })).toEqual([
      'unmatched',
      'second_transfer',
      invoice.id,
    ]);
    expect(await standing()).toEqual(['confirming', 'duplicate']);
    await orphan(104);
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'underpaid']);
    expect(await types()).toEqual(['detected', 'duplicate', 'paid', 'underpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is judged by the settings of that moment', async () => {
    await judged({ units: due() - 5000n });
    await updateMerchant(world, merchant.id, { underpaidTolerance: '0' });
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'underpaid']);
  });
});

test('without a tolerance another amount is nobody’s, and nothing is told that nobody has asked for', async () => {
  await shop({ optInEvents: [] });
  expect(await judged({ units: due() - 1n })).toEqual(nobodys);
  await judged();
  await judged();
  await makeFinal();
  expect(await standing()).toEqual(['completed', 'duplicate']);
  expect(await types()).toEqual(['paid']);
  expect(await tasks()).toEqual(['no_reservation', 'second_transfer']);
});

describe('a payment after the deadline', () => {
  test('waits for a person by default, and the invoice says so', async () => {
    await shop({});
    await makeExpired();
    expect(await judged()).toEqual(['unmatched', 'after_deadline', invoice.id]);
    await makeFinal();
    expect(await standing()).toEqual(['expired', 'paid_late']);
    expect(await types()).toEqual(['expired', 'late']);
    expect(await tasks()).toEqual(['after_deadline']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is refused where the shop accepts none: a named reason, and nobody’s task', async () => {
    await shop({ late: 'reject' });
    await makeExpired();
    expect(await judged()).toEqual(['unmatched', 'late_rejected', invoice.id]);
    expect(await standing()).toEqual(['expired', null]);
    expect(await tasks()).toEqual([]);
  });

  test('is accepted where the shop does, and settles the invoice when it is final', async () => {
    await shop({ late: 'accept' });
    await makeExpired();
    expect(await judged({ height: 110 })).toEqual(['matched', null, invoice.id]);
    expect(await standing()).toEqual(['expired', null]);
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'paid_late']);
    expect(await types()).toEqual(['expired', 'paid', 'late']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is accepted before the invoice has expired too, and once the hold is over by nobody', async () => {
    await shop({ late: 'accept' });
    world.clock.advance(invoice.expireAt - world.clock.now() + 3 * MINUTE);
    expect(await judged({ height: 100 })).toEqual(['matched', null, invoice.id]);
    expect(await standing()).toEqual(['confirming', null]);
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'paid_late']);
    await shop({ late: 'accept' });
    await makeExpired();
    world.clock.advance(25 * HOUR);
    expect(await judged()).toEqual(nobodys);
  });

  test('counts late when it was in time at first and is found in a later block', async () => {
    await shop({ late: 'accept' });
    const txId = await pay(world, invoice, { height: 100 });
    await match(world);
    await orphan(99);
    world.clock.advance(invoice.expireAt - world.clock.now() + 3 * MINUTE);
    await pay(world, invoice, { txId, height: 101, fork: 1 });
    await makeFinal();
    expect(await fate(txId)).toEqual(['matched', null, invoice.id]);
    expect(await standing()).toEqual(['completed', 'paid_late']);
    expect(await types()).toEqual(['detected', 'paid', 'late']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of a cancelled invoice always waits for a person', async () => {
    await shop({ late: 'accept' });
    await put(world, invoice, 'cancelled');
    world.clock.advance(MINUTE);
    expect(await judged()).toEqual(['unmatched', 'after_deadline', invoice.id]);
    expect(await standing()).toEqual(['cancelled', 'paid_after_cancel']);
  });

  test.each([
    ['has not moved', '0.9', 'matched'],
    ['has moved by the limit', '0.909', 'matched'],
    ['has moved further up', '0.9090001', 'unmatched'],
    ['has moved further down', '0.8909999', 'unmatched'],
    ['is not known', null, 'unmatched'],
  ])('in another currency is accepted while its rate %s', async (_, now, state) => {
    await shop({ late: 'accept' });
    const source = { currency: 'EUR', amount: decimal('9'), rate: decimal('0.9'), rateOrigin: '{}' };
    invoice = await makeInvoice(world, merchant, { source });
    world.rateOf = () => (now === null ? null : decimal(now));
    world.clock.advance(invoice.expireAt - world.clock.now() + 3 * MINUTE);
    expect((await judged())[0]).toBe(state);
  });

  test.each([
    ['has moved by the limit', '3.737', 'matched'],
    ['has moved further', '3.7370001', 'unmatched'],
    ['is not known', null, 'unmatched'],
  ])('in a coin with a price of its own is accepted while that %s', async (_, now, state) => {
    await shop({ late: 'accept' });
    await makeWallet(world, merchant, { asset: 'TRX' });
    world.coinRateOf = () => decimal('3.7');
    const rate = must(world.coinRate('TRX', world.clock.now()));
    invoice = await makeInvoice(world, merchant, { asset: 'TRX', rate });
    world.coinRateOf = () => (now === null ? null : decimal(now));
    world.clock.advance(invoice.expireAt - world.clock.now() + 3 * MINUTE);
    expect((await judged())[0]).toBe(state);
  });
});

describe('what a person does', () => {
  const transferOf = (txId: string) => idOfTransfer(world, txId);

  test('a refund takes the task away, and the transfer counts for nothing any more', async () => {
    await shop({});
    await makeExpired();
    const txId = await pay(world, invoice);
    await match(world);
    const id = await transferOf(txId);
    const mark = { resolution: 'refunded' as const, refundId: '0xback', memo: null, by: 'a person' };
    expect(await markTransfer(world, id, mark)).toEqual({ ok: true, value: { id } });
    expect(await tasks()).toEqual([]);
    await pay(world, invoice, { txId, height: 109, fork: 1, time: invoice.expireAt });
    expect(await match(world)).toBe(0);
    expect(await standing()).toEqual(['expired', 'paid_late']);
  });

  test('so it does when the payment that it came second to is lost', async () => {
    await shop({});
    await judged({ height: 100 });
    const txId = await pay(world, invoice, { height: 99 });
    await match(world);
    expect(await fate(txId)).toEqual(['unmatched', 'second_transfer', invoice.id]);
    const mark = { resolution: 'refunded' as const, refundId: null, memo: null, by: 'a person' };
    must(await markTransfer(world, await transferOf(txId), mark));
    await orphan(99);
    await settle(world);
    expect(await match(world)).toBe(0);
    expect(await standing()).toEqual(['new', null]);
  });

  test('a dismissal of the transfer that settled does away with the mark of its invoice', async () => {
    await shop({ underpaidTolerance: '1' });
    const txId = await pay(world, invoice, { units: due() - 1n });
    await match(world);
    const mark = { resolution: 'dismissed' as const, refundId: null, memo: 'fine', by: 'a person' };
    await makeFinal();
    expect(await tasks()).toEqual(['underpaid']);
    expect(await markTransfer(world, await transferOf(txId), mark)).toMatchObject({ ok: true });
    expect(await tasks()).toEqual([]);
    expect(await standing()).toEqual(['completed', 'underpaid']);
  });

  test('what is not judged, not there or not unusual cannot be marked', async () => {
    await shop({});
    await pay(world, invoice);
    const mark = { resolution: 'refunded' as const, refundId: null, memo: null, by: 'a person' };
    for (const id of [1, 999]) expect(await markTransfer(world, id, mark)).toMatchObject({ ok: false });
    expect(await dismissException(world, invoice.id)).toMatchObject({ ok: false });
    expect(await markTransfer(world, 1, { ...mark, resolution: 'dismissed', refundId: 'x' })).toMatchObject({
      fault: [{ field: 'refundId' }],
    });
  });
});
