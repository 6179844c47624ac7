import { expect, test } from 'vitest';
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
} from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { findViolations } from '../store/invariants.ts';
import { findInvoice } from '../store/invoices.ts';
import { cancelInvoice } from './cancel-invoice.ts';
import { createInvoices } from './create-invoice.ts';

const world = useWorld();

const cancel = async ({ merchantId, id }: { merchantId: number; id: number }) => {
  const answer = await cancelInvoice(world, { merchantId, invoiceId: id });
  return answer.ok ? answer.value.status : answer.fault;
};

const eventsOf = async (id: number) => {
  const rows = world.db.selectFrom('outbox').select('type').where('invoice_id', '=', id).orderBy('id');
  return (await rows.execute()).map(({ type }) => type);
};

test('an open invoice is cancelled once, and the shop is told once', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  expect(await cancel(invoice)).toBe('cancelled');
  expect(await cancel(invoice)).toBe('cancelled');
  expect(await eventsOf(invoice.id)).toEqual(['cancelled']);
  expect(await findViolations(world.db)).toEqual([]);
});

test('so is a widget on which nothing was chosen', async () => {
  const { merchant } = await makeShop(world);
  const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
  const [made] = await createInvoices(world, [asked(world, merchant, { method: null, page })]);
  const invoice = must(made!);
  expect(invoice.status).toBe('awaiting_method');
  expect(await cancel(invoice)).toBe('cancelled');
  expect(await findViolations(world.db)).toEqual([]);
});

test('not once money is on its way: seen, or read and not judged yet', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  await pay(world, invoice);
  expect(await cancel(invoice)).toBe('payment_seen');
  await match(world);
  expect(await cancel(invoice)).toBe('payment_seen');
  await readTo(world, 'TRC-20', { height: 200 });
  await settle(world);
  expect(await cancel(invoice)).toBe('invoice_ended');
  expect(await eventsOf(invoice.id)).toEqual(['paid']);
});

test('nor while somebody has yet to say whether what came is what its shop accepts for it', async () => {
  const { merchant } = await makeShop(world, { merchant: { remainder: true } });
  const invoice = await makeInvoice(world, merchant);
  await pay(world, invoice, { units: methodOf(invoice).final.units / 2n });
  expect(await cancel(invoice)).toBe('payment_seen');
  const strange = await makeInvoice(world, merchant, { amount: '50' });
  await pay(world, strange, { units: 1n });
  await match(world);
  expect(await cancel(invoice)).toBe('payment_seen');
  expect(await cancel(strange)).toBe('cancelled');
});

test('so is one to whose wallet as much of another coin is on its way', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  await pay(world, { ...invoice, method: { ...methodOf(invoice), asset: 'USDC' } });
  expect(await cancel(invoice)).toBe('cancelled');
});

test('not once it has expired', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  world.clock.advance(120 * MINUTE);
  await put(world, invoice, 'deadline_passed');
  expect(await cancel(invoice)).toBe('invoice_ended');
});

test('a payment that was in a block before the cancellation settles it all the same', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  world.clock.advance(MINUTE);
  const paidAt = world.clock.now();
  world.clock.advance(MINUTE);
  expect(await cancel(invoice)).toBe('cancelled');
  world.clock.advance(MINUTE);
  await pay(world, invoice, { time: paidAt });
  await match(world);
  await readTo(world, 'TRC-20', { height: 200 });
  await settle(world);
  expect((await findInvoice(world.db, merchant.id, invoice.id))?.status).toBe('completed');
  expect(await eventsOf(invoice.id)).toEqual(['cancelled', 'paid']);
  expect(await findViolations(world.db)).toEqual([]);
});

test('another merchant’s is as if it were not there', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  expect(await cancel({ ...invoice, merchantId: merchant.id + 1 })).toBe('invoice_unknown');
  expect(await eventsOf(invoice.id)).toEqual([]);
  expect(await cancel(invoice)).toBe('cancelled');
  expect(await cancel({ ...invoice, merchantId: merchant.id + 1 })).toBe('invoice_unknown');
});
