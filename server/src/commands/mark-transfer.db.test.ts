/** Saying what was done about a part of an invoice, and about what is unusual about one. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
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
import { idOfTransfer, orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Invoice } from '../domain/invoice.ts';
import { expire } from '../flow/expire.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { findStandings } from '../store/page-standings.ts';
import { findPage } from '../store/pages.ts';
import { listTasks } from '../store/tasks.ts';
import { dismissException, markTransfer } from './mark-transfer.ts';

const world = useWorld();
let merchant: TestMerchant;
let invoice: Invoice;

beforeEach(async () => {
  ({ merchant } = await makeShop(world, { merchant: { remainder: true, underpaidTolerance: '0.1' } }));
  invoice = await makeInvoice(world, merchant);
});

const due = () => methodOf(invoice).final.units;
const standing = async () => {
  const { status, exception } = (await invoiceById(world.db, invoice.id))!;
  return [status, exception];
};
const tasks = async () =>
  (await listTasks(world.db, { merchantIds: [merchant.id], limit: 10 })).map(({ kind }) => kind);

async function sent(units: bigint, time = world.clock.now()): Promise<number> {
  const txId = await pay(world, invoice, { units, time });
  await match(world);
  return idOfTransfer(world, txId);
}

const found = (id: number) =>
  world.db
    .selectFrom('transfers as t')
    .leftJoin('payments as p', 'p.transfer_id', 't.id')
    .select(['t.state', 't.reason', 't.resolution', 'p.state as payment'])
    .where('t.id', '=', id)
    .executeTakeFirstOrThrow();

const mark = async (id: number) => {
  const resolved = { resolution: 'refunded' as const, refundId: '0xback', memo: null, by: 'a person' };
  const answer = await markTransfer(world, id, resolved);
  return answer.ok ? 'marked' : answer.fault[0]?.text;
};

async function makeExpired(): Promise<void> {
  world.clock.advance(invoice.expireAt - world.clock.now() + 3 * MINUTE);
  await readTo(world, 'TRC-20', { height: 110 });
  expect(await expire(world)).toBeGreaterThan(0);
}

describe('a part', () => {
  const given = { state: 'unmatched', reason: 'no_reservation', resolution: 'refunded', payment: 'released' };

  test('cannot be given back while its invoice waits for the rest, or is being paid by it', async () => {
    const id = await sent(4_000_000n);
    const waits = `it counts for invoice ${invoice.id}, of which the rest may still come`;
    expect(await mark(id)).toBe(waits);
    await sent(7_000_000n);
    expect(await standing()).toEqual(['confirming', null]);
    expect(await mark(id)).toBe(waits);
    expect(await found(id)).toEqual({ state: 'matched', reason: null, resolution: null, payment: 'pending' });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('nor one of those that will settle an invoice which has ended', async () => {
    const time = world.clock.now();
    world.clock.advance(MINUTE);
    await put(world, invoice, 'cancelled');
    const id = await sent(4_000_000n, time);
    await sent(7_000_000n, time);
    expect(await standing()).toEqual(['cancelled', null]);
    expect(await mark(id)).toContain('of which the rest may still come');
    await readTo(world, 'TRC-20', { height: 130, final: 125 });
    expect(await settle(world)).toBe(1);
    expect((await standing())[0]).toBe('completed');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts no more once it was given back after the end, and with the last one the task is done', async () => {
    const [one, two] = [await sent(4_000_000n), await sent(3_000_000n)];
    await makeExpired();
    expect([await standing(), await tasks()]).toEqual([['expired', 'underpaid'], ['rest_missing']]);
    expect(await mark(one)).toBe('marked');
    expect(await found(one)).toEqual(given);
    expect([await standing(), await tasks()]).toEqual([['expired', 'underpaid'], ['rest_missing']]);
    expect(await findViolations(world.db)).toEqual([]);
    expect(await mark(two)).toBe('marked');
    expect([await standing(), await tasks()]).toEqual([['expired', null], []]);
    await settle(world);
    expect(await match(world)).toBe(0);
    expect(await found(two)).toEqual(given);
    expect(await world.db.selectFrom('outbox').select('type').execute()).toEqual([{ type: 'expired' }]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of an invoice that was paid otherwise may be given back at once', async () => {
    const id = await sent(4_000_000n);
    await put(world, invoice, 'confirmed_manually');
    expect(await mark(id)).toBe('marked');
    expect(await found(id)).toEqual(given);
    expect((await standing())[0]).toBe('paid_manually');
  });
});

describe('a payment that waits to be final', () => {
  const waits = () => `it pays invoice ${invoice.id}, which waits until it is final`;

  test('cannot be given back, and settles its invoice; then it can', async () => {
    const id = await sent(due());
    expect(await standing()).toEqual(['confirming', null]);
    expect(await mark(id)).toBe(waits());
    expect(await found(id)).toEqual({ state: 'matched', reason: null, resolution: null, payment: 'pending' });
    await readTo(world, 'TRC-20', { height: 130, final: 125 });
    expect(await settle(world)).toBe(1);
    expect(await mark(id)).toBe('marked');
    expect(await found(id)).toMatchObject({ resolution: 'refunded', payment: 'settled' });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('nor can one that was in time of an invoice which has ended', async () => {
    const time = world.clock.now();
    world.clock.advance(MINUTE);
    await put(world, invoice, 'cancelled');
    expect(await mark(await sent(due(), time))).toBe(waits());
  });
});

describe('what is unusual about an invoice', () => {
  async function underpaid(): Promise<void> {
    await sent(due() - 1n);
    await readTo(world, 'TRC-20', { height: 130, final: 125 });
    await settle(world);
    expect([await standing(), await tasks()]).toEqual([['completed', 'underpaid'], ['underpaid']]);
    must(await dismissException(world, invoice.id));
    expect(await tasks()).toEqual([]);
  }

  test('stays dealt with when something less unusual comes', async () => {
    await underpaid();
    world.clock.advance(HOUR);
    await sent(due());
    expect([await standing(), await tasks()]).toEqual([['completed', 'underpaid'], ['second_transfer']]);
  });

  test('is to be dealt with anew when it is something else', async () => {
    await underpaid();
    await orphanAbove(world, 0);
    await settle(world);
    expect([await standing(), await tasks()]).toEqual([['completed', 'reversed'], ['reversed']]);
  });
});

describe('the page of an invoice', () => {
  const page = { id: '', description: null, backUrl: null, cancelUrl: null, lang: null };

  beforeEach(async () => {
    page.id = randomUUID();
    invoice = await makeInvoice(world, merchant, { page });
  });

  const facts = async () =>
    (await findPage(world.db, world.vault, { pageId: page.id, now: world.clock.now() }))!;
  const standing = async () => (await findStandings(world.db, [page.id])).get(page.id)!.stray;
  const dismiss = (id: number) =>
    markTransfer(world, id, { resolution: 'dismissed', refundId: null, memo: null, by: 'a person' });

  test('knows what became of a payment that came too late', async () => {
    const [expireAt, txId] = [invoice.expireAt, 'a'.repeat(64)];
    await makeExpired();
    await pay(world, invoice, { time: expireAt + 5 * MINUTE, txId });
    await match(world);
    const id = await idOfTransfer(world, txId);
    const late = { transactionId: txId, isRejected: false };
    expect((await facts()).stray).toEqual({ ...late, resolution: null, refundId: null });
    expect(await standing()).toEqual({ id, resolution: null });
    expect(await mark(id)).toBe('marked');
    expect((await facts()).stray).toEqual({ ...late, resolution: 'refunded', refundId: '0xback' });
    expect(await standing()).toEqual({ id, resolution: 'refunded' });
    must(await dismiss(id));
    expect((await facts()).stray).toEqual({ ...late, resolution: 'dismissed', refundId: null });
    expect(await standing()).toEqual({ id, resolution: 'dismissed' });
  });

  test('knows what became of a second payment, the one that waits first', async () => {
    const first = await sent(due());
    await readTo(world, 'TRC-20', { height: 130, final: 120 });
    await settle(world);
    expect((await standing()) ?? (await facts()).stray).toBeNull();
    const [second, third] = [await sent(due()), await sent(due())];
    expect(await found(third)).toMatchObject({ state: 'unmatched', reason: 'second_transfer' });
    expect(await standing()).toEqual({ id: second, resolution: null });
    expect(await mark(second)).toBe('marked');
    expect(await standing()).toEqual({ id: third, resolution: null });
    must(await dismiss(third));
    expect((await facts()).stray).toMatchObject({ resolution: 'refunded', refundId: '0xback' });
    expect((await facts()).payment).toMatchObject({ resolution: null, refundId: null });
    expect(await mark(first)).toBe('marked');
    expect((await facts()).payment).toMatchObject({ resolution: 'refunded', refundId: '0xback' });
  });
});
