import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  asked,
  MINUTE,
  makeInvoice,
  makeShop,
  methodOf,
  must,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { orphanAbove } from '../../../test/fate.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { createInvoices } from '../commands/create-invoice.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Logger } from '../lib/logger.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { expire } from './expire.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
let merchant: TestMerchant;
let invoice: Invoice;

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
  invoice = await makeInvoice(world, merchant);
});

const current = async () => (await invoiceById(world.db, invoice.id))!;
const statusOf = async () => (await current()).status;

const orphan = (above: number) => orphanAbove(world, above);

const events = async () => {
  const rows = await world.db.selectFrom('outbox').select('type').orderBy('id').execute();
  return rows.map(row => row.type);
};

const payment = () => world.db.selectFrom('payments').selectAll().executeTakeFirstOrThrow();
const transfer = () => world.db.selectFrom('transfers').selectAll().orderBy('id').executeTakeFirstOrThrow();

/** Pays in block 100 and lets the payment be seen. */
async function confirming(): Promise<string> {
  const txId = await pay(world, invoice, { height: 100 });
  await match(world);
  return txId;
}

/** The network is read further, and blocks up to that one are final. */
const finalTo = (final: number, height = Math.max(110, final)) => readTo(world, 'TRC-20', { height, final });

describe('a payment', () => {
  test('waits until its block is final', async () => {
    await confirming();
    await finalTo(99);
    expect(await settle(world)).toBe(0);
    expect(await statusOf()).toBe('confirming');
    expect(await events()).toEqual([]);
  });

  test('settles its invoice once its block is final, and tells the shop', async () => {
    const txId = await confirming();
    const detected = world.clock.now();
    world.clock.advance(MINUTE);
    await finalTo(100);
    expect(await settle(world)).toBe(1);
    const now = world.clock.now();
    expect(await current()).toMatchObject({
      status: 'completed',
      endedAt: now,
      seen: { transactionId: txId, paidAt: detected },
    });
    expect(await payment()).toMatchObject({ state: 'settled', settled_at: now });
    expect(await events()).toEqual(['paid']);
    const delivery = await world.db.selectFrom('deliveries').selectAll().executeTakeFirstOrThrow();
    expect(delivery).toMatchObject({ state: 'open', attempts: 0, due_at: now, lease: null });
    const held = await world.db.selectFrom('reservations').selectAll().executeTakeFirstOrThrow();
    expect(held.held_until).toBe(now + 24 * 60 * MINUTE);
    expect(await settle(world)).toBe(0);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is settled by one of several processes', async () => {
    await confirming();
    await finalTo(100);
    await warm(world.db);
    const decided = await Promise.all(Array.from({ length: 6 }, () => settle(world)));
    expect(decided.toSorted()).toEqual([0, 0, 0, 0, 0, 1]);
    expect(await events()).toEqual(['paid']);
  });

  test('of an ended chain settles when it was final there', async () => {
    await confirming();
    await sql`update cursors set epoch = 2, height = 3, final_height = 0`.execute(world.db);
    expect(await settle(world)).toBe(1);
    expect(await statusOf()).toBe('completed');
  });

  test.each(['deadline_passed', 'cancelled'] as const)(
    'that was in time completes an invoice that has ended by %s meanwhile, and is told last',
    async input => {
      world.clock.advance(MINUTE);
      await put(world, invoice, input);
      const txId = await pay(world, invoice, { height: 100, time: invoice.createdAt });
      await match(world);
      await finalTo(100);
      expect(await settle(world)).toBe(1);
      expect(await current()).toMatchObject({ status: 'completed', seen: { transactionId: txId } });
      const ended = input === 'cancelled' ? 'cancelled' : 'expired';
      expect(await events()).toEqual([ended, 'paid']);
      const deliveries = await world.db.selectFrom('deliveries').select('state').orderBy('id').execute();
      expect(deliveries.map(({ state }) => state)).toEqual(['superseded', 'open']);
    },
  );
});

describe('a payment whose transfer leaves the chain', () => {
  test('is released, and the invoice waits again', async () => {
    await confirming();
    await orphan(99);
    expect(await settle(world)).toBe(1);
    expect(await current()).toMatchObject({ status: 'new', seen: null, endedAt: null });
    expect((await payment()).state).toBe('released');
    expect(await transfer()).toMatchObject({ state: 'pending', height: null, invoice_id: null });
    expect(await events()).toEqual([]);
    expect(await settle(world)).toBe(0);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test.each([
    ['open', 'new'],
    ['cancelled', 'cancelled'],
  ] as const)(
    'is released with the one that came second, and neither leaves a mark: %s',
    async (which, status) => {
      if (which === 'cancelled') await put(world, invoice, 'cancelled');
      for (const height of [98, 99]) await pay(world, invoice, { height });
      await match(world);
      expect((await current()).exception).toBe('duplicate');
      await orphan(97);
      await settle(world);
      expect(await current()).toMatchObject({ status, exception: null });
      expect(await findViolations(world.db)).toEqual([]);
    },
  );

  test('counts again when the transfer comes back, first seen when it was first seen', async () => {
    const txId = await confirming();
    const detected = world.clock.now();
    await orphan(99);
    await settle(world);
    world.clock.advance(MINUTE);
    await pay(world, invoice, { txId, height: 101, fork: 1 });
    await match(world);
    expect((await payment()).state).toBe('pending');
    await finalTo(101);
    await settle(world);
    expect(await current()).toMatchObject({
      status: 'completed',
      seen: { transactionId: txId, paidAt: detected },
    });
    expect(await events()).toEqual(['paid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('does not notice when the transfer is back in another block before anybody looked', async () => {
    const txId = await confirming();
    await orphan(99);
    await pay(world, invoice, { txId, height: 103, fork: 1 });
    expect(await settle(world)).toBe(0);
    await finalTo(103);
    expect(await settle(world)).toBe(1);
    expect(await events()).toEqual(['paid']);
  });

  test('does not count when the transfer comes back after the deadline', async () => {
    const txId = await confirming();
    await orphan(99);
    world.clock.advance(33 * MINUTE);
    await pay(world, invoice, { txId, height: 101, fork: 1, time: invoice.expireAt + 121_000 });
    await finalTo(101);
    expect(await settle(world)).toBe(1);
    expect(await statusOf()).toBe('new');
    await match(world);
    expect(await transfer()).toMatchObject({ state: 'unmatched', reason: 'after_deadline' });
    expect(await expire(world)).toBe(1);
    expect(await events()).toEqual(['expired']);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('an invoice confirmed by hand while its payment waited', () => {
  test('stays so: the payment is released, and the transfer is a second one', async () => {
    await confirming();
    await put(world, invoice, 'confirmed_manually');
    await finalTo(100);
    expect(await settle(world)).toBe(1);
    expect(await statusOf()).toBe('paid_manually');
    expect((await payment()).state).toBe('released');
    await match(world);
    expect(await transfer()).toMatchObject({
      state: 'unmatched',
      reason: 'second_transfer',
      invoice_id: invoice.id,
    });
    expect(await settle(world)).toBe(0);
    expect(await events()).toEqual(['paid_manually']);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('a settled payment whose transfer leaves the chain all the same', () => {
  async function reversed(): Promise<string> {
    const txId = await confirming();
    await finalTo(100);
    await settle(world);
    await orphan(99);
    expect(await settle(world)).toBe(1);
    return txId;
  }

  test('marks its invoice as reversed and changes nothing else, which is an alarm', async () => {
    await confirming();
    await finalTo(100);
    await settle(world);
    const before = await current();
    await orphan(99);
    const alarms: unknown[] = [];
    const logger = { ...world.logger, error: (what: unknown) => alarms.push(what) } as unknown as Logger;
    expect(await settle({ ...world, logger })).toBe(1);
    expect(alarms).toEqual([{ alarm: 'payment_reversed', invoice: invoice.id }]);
    expect(await settle(world)).toBe(0);
    expect(await current()).toEqual({ ...before, exception: 'reversed', version: before.version + 1 });
    expect((await payment()).state).toBe('settled');
    expect(await events()).toEqual(['paid']);
  });

  test('clears the mark when the transfer is back, and tells nobody a second time', async () => {
    const txId = await reversed();
    await pay(world, invoice, { txId, height: 102, fork: 1 });
    expect(await settle(world)).toBe(1);
    expect(await settle(world)).toBe(0);
    expect(await current()).toMatchObject({ status: 'completed', exception: null });
    expect(await match(world)).toBe(0);
    await finalTo(102);
    expect(await settle(world)).toBe(0);
    expect(await events()).toEqual(['paid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is marked by one of several processes', async () => {
    await confirming();
    await finalTo(100);
    await settle(world);
    await orphan(99);
    await warm(world.db);
    await Promise.all(Array.from({ length: 4 }, () => settle(world)));
    expect(await current()).toMatchObject({ status: 'completed', exception: 'reversed' });
    expect(await settle(world)).toBe(0);
  });

  test('does not make room for another: a new transfer of the amount is a second one', async () => {
    await reversed();
    await pay(world, invoice, { height: 103 });
    await match(world);
    await finalTo(103);
    expect(await settle(world)).toBe(0);
    const rows = await world.db.selectFrom('transfers').select('reason').orderBy('id').execute();
    expect(rows.map(({ reason }) => reason)).toEqual([null, 'second_transfer']);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

test('many payments are settled 200 at a time', async () => {
  const commands = Array.from({ length: 449 }, () => asked(world, merchant));
  const invoices = [invoice, ...(await createInvoices(world, commands)).map(must)];
  for (const one of invoices) await pay(world, one, { height: 100 });
  while ((await match(world)) > 0);
  await finalTo(100);
  expect([await settle(world), await settle(world), await settle(world), await settle(world)]).toEqual([
    200, 200, 50, 0,
  ]);
  expect(await events()).toHaveLength(450);
  expect(await findViolations(world.db)).toEqual([]);
});

test.each(['exact', 'part'] as const)(
  'a whole batch of payments (%s) whose wallet is not as it was registered holds up none behind it',
  async kind => {
    const commands = Array.from({ length: 199 }, () => asked(world, merchant));
    const invoices = [invoice, ...(await createInvoices(world, commands)).map(must)];
    const other = await makeShop(world);
    const sound = await makeInvoice(world, other.merchant);
    for (const one of [...invoices, sound]) await pay(world, one, { height: 100 });
    while ((await match(world)) > 0);
    await world.db.updateTable('payments').set({ kind }).execute();
    const { walletId } = methodOf(invoice);
    await world.db
      .updateTable('wallets')
      .set({ mac: Buffer.alloc(32) })
      .where('id', '=', walletId)
      .execute();
    await finalTo(100);
    expect([await settle(world), await settle(world)]).toEqual([1, 0]);
    expect((await invoiceById(world.db, sound.id))?.status).toBe('completed');
    expect(await statusOf()).toBe('confirming');
  },
);

test('a final payment waits while the MAC of its wallet does not fit, and holds up no other', async () => {
  const forged = await makeInvoice(world, merchant);
  const { walletId } = methodOf(forged);
  const other = await makeShop(world);
  const sound = await makeInvoice(world, other.merchant);
  await pay(world, forged, { height: 100 });
  await pay(world, sound, { height: 100 });
  await match(world);
  const row = world.db.selectFrom('wallets').select('mac').where('id', '=', walletId);
  const { mac } = await row.executeTakeFirstOrThrow();
  const setMac = (to: Buffer) =>
    world.db.updateTable('wallets').set({ mac: to }).where('id', '=', walletId).execute();
  await setMac(Buffer.alloc(32));
  await readTo(world, 'TRC-20', { height: 200, final: 190 });
  expect([await settle(world), await settle(world)]).toEqual([1, 0]);
  const statusOf = async ({ id }: Invoice) => (await invoiceById(world.db, id))?.status;
  expect([await statusOf(forged), await statusOf(sound)]).toEqual(['confirming', 'completed']);
  await setMac(mac);
  expect([await settle(world), await statusOf(forged)]).toEqual([1, 'completed']);
});
