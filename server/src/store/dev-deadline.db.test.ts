import { beforeEach, describe, expect, test } from 'vitest';
import { asked, MINUTE, makeInvoice, makeShop, must, pay, put, readTo } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { createInvoices } from '../commands/create-invoice.ts';
import type { NetworkCode } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import { expire } from '../flow/expire.ts';
import { match } from '../flow/match.ts';
import { deadlineBefore, moveDeadline } from './dev-deadline.ts';
import { findViolations } from './invariants.ts';
import { invoiceById } from './invoices.ts';

const world = useWorld();
let invoice: Invoice;

beforeEach(async () => {
  const { merchant } = await makeShop(world);
  invoice = await makeInvoice(world, merchant);
});

const move = (expireAt: number, { id } = invoice, local: NetworkCode[] = ['TRC-20']) =>
  moveDeadline(world.db, { invoiceId: id, expireAt, local });
const now = () => world.clock.now();
const found = ({ id } = invoice) => invoiceById(world.db, id);

describe('a deadline', () => {
  test('moves back, and the creation with it; from when on the amount is held stays', async () => {
    const expireAt = deadlineBefore(now());
    const by = invoice.expireAt - expireAt;
    expect(await move(expireAt)).toBe(true);
    const createdAt = invoice.createdAt - by;
    expect(await found()).toEqual({ ...invoice, createdAt, expireAt, version: invoice.version + 1 });
    expect(invoice.method?.since).toBe(invoice.createdAt);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that has moved is over with its grace for the clock, and for the chain once it was read', async () => {
    const time = now();
    expect(await move(deadlineBefore(time))).toBe(true);
    await readTo(world, 'TRC-20', { height: 101, time: time - 1000 });
    expect(await expire(world)).toBe(0);
    await readTo(world, 'TRC-20', { height: 102, time });
    expect(await expire(world)).toBe(1);
    expect(await found()).toMatchObject({ status: 'expired', endedAt: time });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is over for a payment in a block of the same second', async () => {
    world.clock.advance(999);
    await move(deadlineBefore(now()));
    await pay(world, invoice, { time: Math.floor(now() / 1000) * 1000 });
    await match(world);
    const row = world.db.selectFrom('transfers').select(['state', 'reason', 'invoice_id']);
    expect(await row.execute()).toEqual([
      { state: 'unmatched', reason: 'after_deadline', invoice_id: invoice.id },
    ]);
  });

  test('never moves on', async () => {
    expect(await move(invoice.expireAt)).toBe(false);
    expect(await move(invoice.expireAt + MINUTE)).toBe(false);
    expect(await found()).toEqual(invoice);
  });

  test('of an invoice on a network that is not local stays', async () => {
    expect(await move(deadlineBefore(now()), invoice, ['ERC-20'])).toBe(false);
    expect(await move(deadlineBefore(now()), invoice, [])).toBe(false);
    expect(await found()).toEqual(invoice);
  });

  test('of an invoice that asked on a network that is not local before stays', async () => {
    await world.db
      .insertInto('reservations')
      .values({
        network: 'ERC-20',
        address_key: '0xa',
        asset: 'USDT',
        units: 1n,
        invoice_id: invoice.id,
        held_until: null,
      })
      .execute();
    expect(await move(deadlineBefore(now()))).toBe(false);
    expect(await move(deadlineBefore(now()), invoice, ['TRC-20', 'ERC-20'])).toBe(true);
  });

  test('stays once a payment was seen, and once the invoice has ended', async () => {
    await pay(world, invoice);
    await match(world);
    expect(await move(deadlineBefore(now()))).toBe(false);
    const { merchant } = await makeShop(world);
    const ended = await makeInvoice(world, merchant);
    await put(world, ended, 'cancelled');
    expect(await move(deadlineBefore(now()), ended)).toBe(false);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('moves where nothing was chosen yet', async () => {
    const { merchant } = await makeShop(world);
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    const [made] = await createInvoices(world, [asked(world, merchant, { method: null, page })]);
    const widget = must(made!);
    expect(await move(deadlineBefore(now()), widget)).toBe(true);
    expect(await expire(world)).toBe(1);
    expect(await found(widget)).toMatchObject({ status: 'expired' });
  });
});
