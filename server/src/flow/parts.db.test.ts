import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  methodOf,
  type Payment,
  pay,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { fateOf, orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { cancelInvoice } from '../commands/cancel-invoice.ts';
import type { MerchantSettings } from '../commands/merchant-settings.ts';
import { type Invoice, optInTypes } from '../domain/invoice.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { listTasks } from '../store/tasks.ts';
import { expire } from './expire.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
let merchant: TestMerchant;
let invoice: Invoice;

/** A shop that asks for the rest, with an invoice over 10.0xx USDT. */
async function shop(given: Partial<MerchantSettings> = {}): Promise<void> {
  const settings = { optInEvents: [...optInTypes], remainder: true, ...given };
  ({ merchant } = await makeShop(world, { merchant: settings }));
  invoice = await makeInvoice(world, merchant);
}

const standing = async (of = invoice) => {
  const { status, exception } = (await invoiceById(world.db, of.id))!;
  return [status, exception];
};
const due = () => methodOf(invoice).final.units;
const orphan = (above: number) => orphanAbove(world, above);

const fate = (txId: string) => fateOf(world, txId);

async function judged(payment: Payment, of = invoice) {
  const txId = await pay(world, of, payment);
  await match(world);
  return fate(txId);
}

/** What was asked for the rest so far: what had come, and the amount. */
async function rests() {
  const rows = await world.db.selectFrom('remainders').selectAll().orderBy('asked_at').execute();
  return rows.map(({ received, units }) => ({ received: BigInt(received), units: BigInt(units) }));
}
const lastRest = async () => (await rests()).at(-1)!.units;

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

const events = async () => {
  const rows = await world.db.selectFrom('outbox').select(['type', 'data']).orderBy('id').execute();
  return rows.map(({ type, data }) => [type, JSON.parse(data) as Record<string, unknown>] as const);
};
const types = async () => (await events()).map(([type]) => type);
const tasks = async () =>
  (await listTasks(world.db, { merchantIds: [merchant.id], limit: 10 })).map(({ kind }) => kind);

const counts = () => ['matched', null, invoice.id];
const nobodys = ['unmatched', 'no_reservation', null];
const second = () => ['unmatched', 'second_transfer', invoice.id];

describe('a part of the amount', () => {
  beforeEach(() => shop());

  test('counts, and for the rest an amount is held that is just enough, with a tail of its own', async () => {
    expect(await judged({ units: 4_000_000n })).toEqual(counts());
    expect(await standing()).toEqual(['new', 'underpaid']);
    const [rest] = await rests();
    expect(rest!.received).toBe(4_000_000n);
    expect(rest!.units).toBeGreaterThan(due() - 4_000_000n);
    expect(rest!.units).toBeLessThan(due() - 4_000_000n + 1_000_000n);
    expect(await types()).toEqual(['detected', 'underpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('settles the invoice with the rest once both are final, in one transition that is told once', async () => {
    await judged({ units: 4_000_000n });
    const rest = await lastRest();
    await readTo(world, 'TRC-20', { height: 120 });
    const settling = await pay(world, invoice, { units: rest });
    await match(world);
    expect(await standing()).toEqual(['confirming', null]);
    // The part is final by now, the rest is not.
    await readTo(world, 'TRC-20', { height: 121, final: 119 });
    expect(await settle(world)).toBe(0);
    await makeFinal();
    expect(await standing()).toEqual(['completed', null]);
    expect(await types()).toEqual(['detected', 'underpaid', 'paid']);
    const [, paid] = (await events()).at(-1)!;
    expect(paid.transaction_id).toBe(settling);
    expect(paid.final_amount).toBe(`${Number(due()) / 1e6}`);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is one beside its rest, neither of them the whole, also while the invoice has another address in the database', async () => {
    await judged({ units: 4_000_000n });
    const units = await lastRest();
    const { address, addressKey: address_key } = methodOf(invoice);
    const set = (to: { address: string; address_key: string }) =>
      world.db.updateTable('invoices').set(to).where('id', '=', invoice.id).execute();
    await set({ address: 'TThief', address_key: `41${'b'.repeat(40)}` });
    expect(await judged({ units })).toEqual(counts());
    const payments = await world.db.selectFrom('payments').select(['kind', 'state']).execute();
    expect(payments).toEqual([
      { kind: 'part', state: 'pending' },
      { kind: 'part', state: 'pending' },
    ]);
    await makeFinal();
    expect(await standing()).toEqual(['confirming', null]);
    await set({ address, address_key });
    await makeFinal();
    expect(await standing()).toEqual(['completed', null]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('leaves the same rest as one of another invoice, in the same moment: one of the two gets it', async () => {
    await world.db.updateTable('wallets').set({ max_tail: 1 }).execute();
    const other = await makeInvoice(world, merchant, { amount: '19' });
    const left = 2_000_000n;
    await pay(world, invoice, { units: due() - left });
    await pay(world, other, { units: methodOf(other).final.units - left });
    expect(await match(world)).toBe(2);
    expect(await rests()).toHaveLength(1);
    expect(await standing()).toEqual(['new', 'underpaid']);
    expect(await standing(other)).toEqual(['new', 'underpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is no rest though that would have been as much, however long nobody looked at it', async () => {
    const units = due() / 2n - ((due() / 2n) % 1000n) + 6000n;
    // The tail with which the rest would be the very amount of the part.
    world.random = () => Number((2n * units - due()) / 1000n) - 1;
    await pay(world, invoice, { units });
    world.clock.advance(3 * MINUTE);
    await match(world);
    expect(await lastRest()).toBe(units + 1000n);
    expect(await settle(world)).toBe(0);
    expect(await standing()).toEqual(['new', 'underpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that nobody asked for is not the whole, even of whoever holds its amount', async () => {
    const { network, asset, addressKey: address_key } = methodOf(invoice);
    const held = { network, asset, address_key, units: '3000000', invoice_id: invoice.id };
    await world.db.insertInto('reservations').values(held).execute();
    expect(await judged({ units: 3_000_000n })).toEqual(nobodys);
    expect(await standing()).toEqual(['new', null]);
  });

  test('may be followed by others; each time the rest is asked for anew', async () => {
    await judged({ units: 4_000_000n });
    expect(await judged({ units: 2_000_000n })).toEqual(counts());
    expect((await rests()).map(({ received }) => received)).toEqual([4_000_000n, 6_000_000n]);
    expect(await judged({ units: await lastRest() })).toEqual(counts());
    expect(await standing()).toEqual(['confirming', null]);
    await makeFinal();
    expect(await standing()).toEqual(['completed', null]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that is more than the rest pays as well, and is marked as more', async () => {
    await judged({ units: 4_000_000n });
    expect(await judged({ units: 7_000_000n })).toEqual(counts());
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'overpaid']);
    expect(await types()).toEqual(['detected', 'underpaid', 'paid', 'overpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is none when it is dust, when its shop has not said so, or when an invoice of anybody is as near', async () => {
    const least = (due() + 9n) / 10n;
    expect(await judged({ units: least - 1n })).toEqual(nobodys);
    expect(await judged({ units: least })).toEqual(counts());
    const { merchant: strict } = await makeShop(world);
    const plain = await makeInvoice(world, strict);
    expect(await judged({ units: 4_000_000n }, plain)).toEqual(nobodys);
    await makeInvoice(world, merchant, { amount: '12' });
    expect(await judged({ units: 4_000_000n })).toEqual(nobodys);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('comes second when the whole amount comes', async () => {
    const part = await pay(world, invoice, { units: 4_000_000n });
    await match(world);
    expect(await judged({})).toEqual(counts());
    expect(await fate(part)).toEqual(second());
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'duplicate']);
    expect(await types()).toEqual(['detected', 'underpaid', 'duplicate', 'paid']);
    expect(await tasks()).toEqual(['second_transfer']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is one again when the whole amount leaves the chain, even if it was judged together with it', async () => {
    const part = await pay(world, invoice, { units: 4_000_000n, height: 100 });
    await readTo(world, 'TRC-20', { height: 101 });
    await pay(world, invoice);
    await match(world);
    expect(await fate(part)).toEqual(second());
    expect(await rests()).toEqual([]);
    expect(await findViolations(world.db)).toEqual([]);
    await orphan(100);
    await settle(world);
    await match(world);
    expect(await fate(part)).toEqual(['matched', null, invoice.id]);
    expect(await standing()).toEqual(['new', 'underpaid']);
  });

  test('keeps its place against invoices that come later when the chain takes it away and brings it back', async () => {
    const part = await pay(world, invoice, { units: 4_000_000n });
    await match(world);
    await orphan(99);
    await settle(world);
    expect(await standing()).toEqual(['new', null]);
    await makeInvoice(world, merchant, { amount: '4' });
    await pay(world, invoice, { units: 4_000_000n, txId: part, fork: 1 });
    await match(world);
    expect(await fate(part)).toEqual(counts());
    expect((await rests()).length).toBe(1);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that is lost leaves the rest a part: what is then left is asked for', async () => {
    await judged({ units: 4_000_000n, height: 101 });
    const rest = await lastRest();
    await judged({ units: rest, height: 100 });
    expect(await standing()).toEqual(['confirming', null]);
    await orphan(100);
    expect(await settle(world)).toBe(1);
    expect(await standing()).toEqual(['new', 'underpaid']);
    expect((await rests()).map(({ received }) => received)).toEqual([4_000_000n, rest]);
    expect(await judged({ units: await lastRest() })).toEqual(counts());
    await makeFinal();
    expect(await standing()).toEqual(['completed', null]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('keeps the invoice from being given up', async () => {
    await judged({ units: 4_000_000n });
    const answer = await cancelInvoice(world, { merchantId: merchant.id, invoiceId: invoice.id });
    expect(answer).toEqual({ ok: false, fault: 'payment_seen' });
  });

  test('is lost with its settled invoice, and found again with it', async () => {
    const part = await pay(world, invoice, { units: 4_000_000n, height: 101 });
    await match(world);
    await judged({ units: await lastRest(), height: 100 });
    await makeFinal();
    await orphan(100);
    await settle(world);
    expect(await standing()).toEqual(['completed', 'reversed']);
    expect(await settle(world)).toBe(0);
    await pay(world, invoice, { units: 4_000_000n, txId: part, height: 101, fork: 1 });
    await settle(world);
    expect(await standing()).toEqual(['completed', null]);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('an invoice that ends with a part', () => {
  test('expires, and somebody is asked to look', async () => {
    await shop();
    await judged({ units: 4_000_000n });
    expect(await tasks()).toEqual([]);
    await makeExpired();
    expect(await standing()).toEqual(['expired', 'underpaid']);
    expect(await tasks()).toEqual(['rest_missing']);
    expect(await findViolations(world.db)).toEqual([]);
    world.clock.advance(HOUR);
    expect(await judged({ units: await lastRest() })).toEqual(['unmatched', 'after_deadline', invoice.id]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is paid by the rest that its shop accepts late', async () => {
    await shop({ late: 'accept' });
    await judged({ units: 4_000_000n });
    await makeExpired();
    world.clock.advance(HOUR);
    expect(await judged({ units: await lastRest(), height: 110 })).toEqual(counts());
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'paid_late']);
    expect(await types()).toEqual(['detected', 'underpaid', 'expired', 'paid', 'late']);
    expect(await findViolations(world.db)).toEqual([]);
  });
});
