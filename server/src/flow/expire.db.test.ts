import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  asked,
  HOUR,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  must,
  pay,
  readTo,
  SECOND,
  type TestMerchant,
} from '../../../test/factories.ts';
import { orphanAbove } from '../../../test/fate.ts';
import { anInvoice } from '../../../test/invoice.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { createInvoices } from '../commands/create-invoice.ts';
import type { Invoice } from '../domain/invoice.ts';
import { mayExpire } from '../domain/settle.ts';
import { transact } from '../store/db.ts';
import { insertInvoices } from '../store/insert-invoices.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById, nextDeadline } from '../store/invoices.ts';
import { expire } from './expire.ts';
import { match } from './match.ts';

const world = useWorld();
let merchant: TestMerchant;
let invoice: Invoice;
/** The last moment at which a payment would be in time. */
let deadline: number;

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
  invoice = await makeInvoice(world, merchant);
  deadline = invoice.expireAt + 120 * SECOND;
});

const statusOf = async ({ id }: Invoice) => (await invoiceById(world.db, id))?.status;

/** Sets our clock, and the block time up to which the network has been read. */
async function at(now: number, read: number) {
  world.clock.time = now;
  await readTo(world, 'TRC-20', { height: 200, time: read });
}

describe('an invoice that nobody paid', () => {
  test('expires once the clock and the chain are past its deadline and grace', async () => {
    await at(deadline + SECOND, deadline + SECOND);
    expect(await expire(world)).toBe(1);
    expect(await expire(world)).toBe(0);
    expect(await invoiceById(world.db, invoice.id)).toEqual({
      ...invoice,
      status: 'expired',
      endedAt: deadline + SECOND,
      version: 2,
    });
    const [event] = await world.db.selectFrom('outbox').selectAll().execute();
    expect(event).toMatchObject({ type: 'expired', invoice_id: invoice.id, merchant_id: merchant.id });
    expect(JSON.parse(event!.data)).toMatchObject({ id: invoice.id, status: 'expired' });
    const [held] = await world.db.selectFrom('reservations').selectAll().execute();
    expect(held).toMatchObject({ invoice_id: invoice.id, held_until: deadline + SECOND + 24 * HOUR });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test.each([
    ['the clock is at it', 0, SECOND],
    ['the chain was read up to it only', SECOND, 0],
    ['the chain was not read for a year', 365 * 24 * HOUR, -SECOND],
  ])('stays open while %s', async (_, clock, read) => {
    await at(deadline + clock, deadline + read);
    expect(await expire(world)).toBe(0);
    expect(await statusOf(invoice)).toBe('new');
  });

  test('stays open while another network is read on, and its own is not', async () => {
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 5 });
    const other = await makeInvoice(world, merchant, { network: 'ERC-20' });
    await at(deadline + SECOND, deadline + SECOND);
    expect(await expire(world)).toBe(1);
    expect([await statusOf(invoice), await statusOf(other)]).toEqual(['expired', 'new']);
  });

  test('stays open when its network was never read', async () => {
    await sql`delete from cursors`.execute(world.db);
    world.clock.time = deadline + HOUR;
    expect(await expire(world)).toBe(0);
  });

  test('is the one that the pure rule says, at every moment around its deadline', async () => {
    for (const clock of [-1, 0, 1]) {
      for (const read of [-1, 0, 1]) {
        await at(deadline + clock, deadline + read * SECOND);
        const rule = mayExpire(invoice, world.clock.now(), [deadline + read * SECOND]);
        expect([clock, read, (await expire(world)) === 1]).toEqual([clock, read, rule]);
      }
    }
  });

  test('is ended by one of several processes', async () => {
    await at(deadline + SECOND, deadline + SECOND);
    await warm(world.db);
    const ended = await Promise.all(Array.from({ length: 5 }, () => expire(world)));
    expect(ended.toSorted()).toEqual([0, 0, 0, 0, 1]);
    expect(await world.db.selectFrom('outbox').selectAll().execute()).toHaveLength(1);
  });
});

describe('a transfer of its amount', () => {
  test('that waits to be judged keeps an invoice open', async () => {
    await pay(world, invoice, { time: deadline });
    await at(deadline + SECOND, deadline + SECOND);
    expect(await expire(world)).toBe(0);
    await match(world);
    expect(await statusOf(invoice)).toBe('confirming');
    expect(await expire(world)).toBe(0);
  });

  test('that came too late does so only until it is judged', async () => {
    await pay(world, invoice, { time: deadline + SECOND });
    await at(deadline + SECOND, deadline + SECOND);
    expect(await expire(world)).toBe(0);
    await match(world);
    expect(await expire(world)).toBe(1);
  });

  test('that is on no block does not', async () => {
    await pay(world, invoice, { time: deadline });
    await orphanAbove(world, 0);
    await at(deadline + SECOND, deadline + SECOND);
    expect(await expire(world)).toBe(1);
  });

  test('in another coin does not', async () => {
    const method = { ...methodOf(invoice), asset: 'USDC' as const };
    await pay(world, { ...invoice, method }, { time: deadline });
    await at(deadline + SECOND, deadline + SECOND);
    expect(await expire(world)).toBe(1);
  });

  test('one unit off does so too: whether its shop accepts that is judged first', async () => {
    const units = methodOf(invoice).final.units + 1n;
    await pay(world, invoice, { time: deadline, units });
    await at(deadline + SECOND, deadline + SECOND);
    expect(await expire(world)).toBe(0);
    await match(world);
    expect(await expire(world)).toBe(1);
    ({ merchant } = await makeShop(world, { merchant: { overpaidTolerance: '0.1' } }));
    invoice = await makeInvoice(world, merchant);
    const last = invoice.expireAt + 120 * SECOND;
    await pay(world, invoice, { time: last, units: methodOf(invoice).final.units + 1n });
    await at(last + SECOND, last + SECOND);
    expect(await expire(world)).toBe(0);
    await match(world);
    expect(await statusOf(invoice)).toBe('confirming');
    expect(await expire(world)).toBe(0);
  });
});

test('an invoice for which nothing was chosen needs the clock alone', async () => {
  await sql`delete from cursors`.execute(world.db);
  const createdAt = world.clock.now();
  const unchosen = anInvoice({
    id: 1000,
    merchantId: merchant.id,
    clientReferenceId: 'unchosen',
    method: null,
    status: 'awaiting_method',
    createdAt,
    expireAt: createdAt + 15 * 60 * SECOND,
  });
  const commission = { units: 0n, scale: 8 };
  await transact(world.db, tx => insertInvoices(tx, [{ invoice: unchosen, commission }]));
  world.clock.time = unchosen.expireAt + 120 * SECOND;
  expect(await expire(world)).toBe(0);
  world.clock.advance(1);
  expect(await expire(world)).toBe(1);
  expect(await statusOf(unchosen)).toBe('expired');
  expect(await findViolations(world.db)).toEqual([]);
});

test('1,200 that are due at once end 500 at a time, the earliest deadline first', async () => {
  const amounts = [10, 20];
  for (const amount of amounts) {
    const commands = Array.from({ length: 600 }, () => asked(world, merchant, { amount: `${amount}` }));
    for (const answer of await createInvoices(world, commands)) must(answer);
    world.clock.advance(SECOND);
  }
  await at(deadline + HOUR, deadline + HOUR);
  expect(await expire(world)).toBe(500);
  const { latest } = await world.db
    .selectFrom('invoices')
    .select(eb => eb.fn.max('expire_at').as('latest'))
    .where('status', '=', 'expired')
    .executeTakeFirstOrThrow();
  expect(latest).toBe(invoice.expireAt);
  expect([await expire(world), await expire(world), await expire(world)]).toEqual([500, 201, 0]);
  expect(await world.db.selectFrom('deliveries').selectAll().execute()).toHaveLength(1201);
  expect(await findViolations(world.db)).toEqual([]);
});

test('the next deadline of a network is that of its earliest open invoice', async () => {
  world.clock.advance(60 * SECOND);
  await makeInvoice(world, merchant);
  expect(await nextDeadline(world.db, 'TRC-20')).toBe(deadline);
  expect(await nextDeadline(world.db, 'ERC-20')).toBeNull();
  await at(deadline + SECOND, deadline + SECOND);
  await expire(world);
  expect(await nextDeadline(world.db, 'TRC-20')).toBe(deadline + 60 * SECOND);
});
