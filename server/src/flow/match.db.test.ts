import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  keyOn,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  type Payment,
  pay,
  put,
  readTo,
  type TestMerchant,
  type TestWallet,
} from '../../../test/factories.ts';
import { fateOf, orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { addressText } from '../chains/registry.ts';
import { networks } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
let merchant: TestMerchant;
let wallet: TestWallet;
let invoice: Invoice;

beforeEach(async () => {
  ({ merchant, wallet } = await makeShop(world));
  invoice = await makeInvoice(world, merchant);
});

const fate = (txId: string) => fateOf(world, txId);

/** Pays and lets the transfer be judged. */
async function judged(payment: Payment = {}, of = invoice) {
  const txId = await pay(world, of, payment);
  await match(world);
  return fate(txId);
}

const statusOf = async ({ id }: Invoice) => (await invoiceById(world.db, id))?.status;
const payments = () =>
  world.db.selectFrom('payments').select(['invoice_id', 'state']).orderBy('id').execute();

const orphan = (above: number) => orphanAbove(world, above);

describe('a transfer of exactly the amount due', () => {
  test('counts for its invoice, which shows it and waits for its finality', async () => {
    world.clock.advance(5 * MINUTE);
    const txId = await pay(world, invoice, { from: keyOn('TRC-20', 'ab'.repeat(20)) });
    world.clock.advance(3000);
    expect(await match(world)).toBe(1);
    expect(await match(world)).toBe(0);
    expect(await fate(txId)).toEqual(['matched', null, invoice.id]);
    expect(await invoiceById(world.db, invoice.id)).toEqual({
      ...invoice,
      status: 'confirming',
      seen: {
        transactionId: txId,
        payerWallet: addressText(networks['TRC-20'], keyOn('TRC-20', 'ab'.repeat(20))),
        paidAt: world.clock.now() - 3000,
      },
      version: 2,
    });
    expect(await payments()).toEqual([{ invoice_id: invoice.id, state: 'pending' }]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('owes the shop no event yet', async () => {
    await judged();
    expect(await world.db.selectFrom('outbox').selectAll().execute()).toEqual([]);
  });

  test('of 18 decimals counts to the last unit', async () => {
    const dear = await makeShop(world, { wallet: { network: 'BEP-20', digits: 8 } });
    const due = await makeInvoice(world, dear.merchant, { network: 'BEP-20', amount: '999999999999999' });
    const { units } = methodOf(due).final;
    expect(await judged({ units: units + 1n }, due)).toEqual(['unmatched', 'no_reservation', null]);
    expect(await judged({ units }, due)).toEqual(['matched', null, due.id]);
  });
});

describe('a transfer that does not count', () => {
  test('of another amount belongs to nobody, however near', async () => {
    const { units } = methodOf(invoice).final;
    for (const other of [units - 1n, units + 1n, units * 2n, 10_000_000n, 1n])
      expect(await judged({ units: other })).toEqual(['unmatched', 'no_reservation', null]);
    expect(await statusOf(invoice)).toBe('new');
  });

  test('in another coin, on another network or to another wallet belongs to nobody', async () => {
    const method = methodOf(invoice);
    const elsewhere = await makeWallet(world, merchant);
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 50 });
    const others: Partial<typeof method>[] = [
      { asset: 'USDC' },
      { addressKey: elsewhere.key },
      { network: 'ERC-20' },
    ];
    for (const other of others) {
      const wrong = { ...invoice, method: { ...method, ...other } };
      expect(await judged({}, wrong)).toEqual(['unmatched', 'no_reservation', null]);
    }
    expect(await statusOf(invoice)).toBe('new');
  });

  test('is older than the invoice', async () => {
    const time = invoice.createdAt - 120_000;
    expect(await judged({ time: time - 1000 })).toEqual(['unmatched', 'before_invoice', null]);
    expect(await judged({ time })).toEqual(['matched', null, invoice.id]);
  });

  test('comes after the deadline, and waits there for a person', async () => {
    const time = invoice.expireAt + 120_000;
    expect(await judged({ time: time + 1000 })).toEqual(['unmatched', 'after_deadline', invoice.id]);
    expect(await statusOf(invoice)).toBe('new');
    expect(await judged({ time })).toEqual(['matched', null, invoice.id]);
  });

  test('comes after the cancellation', async () => {
    world.clock.advance(MINUTE);
    await put(world, invoice, 'cancelled');
    const time = world.clock.now();
    expect(await judged({ time: time + 1000 })).toEqual(['unmatched', 'after_deadline', invoice.id]);
    expect(await judged({ time })).toEqual(['matched', null, invoice.id]);
    expect(await statusOf(invoice)).toBe('cancelled');
  });

  test('is a second one', async () => {
    await judged();
    expect(await judged()).toEqual(['unmatched', 'second_transfer', invoice.id]);
    await readTo(world, 'TRC-20', { height: 100, final: 100 });
    await settle(world);
    expect(await statusOf(invoice)).toBe('completed');
    expect(await judged()).toEqual(['unmatched', 'second_transfer', invoice.id]);
    expect(await payments()).toEqual([{ invoice_id: invoice.id, state: 'settled' }]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('comes to an invoice confirmed by hand', async () => {
    await put(world, invoice, 'confirmed_manually');
    expect(await judged()).toEqual(['unmatched', 'second_transfer', invoice.id]);
  });

  test('comes when the hold is over', async () => {
    await put(world, invoice, 'cancelled');
    const heldUntil = world.clock.now() + 24 * HOUR;
    expect(await judged({ time: heldUntil })).toEqual(['unmatched', 'after_deadline', invoice.id]);
    expect(await judged({ time: heldUntil + 1000 })).toEqual(['unmatched', 'no_reservation', null]);
  });

  test('comes late for an invoice whose amount another one has taken over', async () => {
    const only = await makeShop(world, { wallet: { maxTail: 1 } });
    const first = await makeInvoice(world, only.merchant);
    await put(world, first, 'cancelled');
    world.clock.advance(25 * HOUR);
    await readTo(world, 'TRC-20', { height: 200 });
    const second = await makeInvoice(world, only.merchant);
    expect(methodOf(second).final).toEqual(methodOf(first).final);
    expect(await judged({ time: first.createdAt + MINUTE }, first)).toEqual([
      'unmatched',
      'before_invoice',
      null,
    ]);
    expect(await judged({ time: second.createdAt }, first)).toEqual(['matched', null, second.id]);
    expect([await statusOf(first), await statusOf(second)]).toEqual(['cancelled', 'confirming']);
  });

  test('goes from the wallet to itself', async () => {
    expect(await judged({ from: wallet.key })).toEqual(['ignored', 'self_transfer', null]);
  });

  test('is on no block', async () => {
    const txId = await pay(world, invoice);
    await orphan(0);
    expect(await match(world)).toBe(0);
    expect(await fate(txId)).toEqual(['pending', null, null]);
  });
});
