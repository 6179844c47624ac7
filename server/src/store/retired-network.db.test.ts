/** A network taken out of use: no new invoices, and open ones end by the clock. */
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import {
  asked,
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  pay,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { retireWarning } from '../cli/network.ts';
import { createInvoices } from '../commands/create-invoice.ts';
import { expire } from '../flow/expire.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { setRetired } from './cursors.ts';
import { findViolations } from './invariants.ts';
import { invoiceById } from './invoices.ts';
import { openInvoicesOn } from './network-invoices.ts';
import { findStandings } from './page-standings.ts';
import { findPage } from './pages.ts';
import { listTasks } from './tasks.ts';

const world = useWorld();
let merchant: TestMerchant;

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
});

const page = { description: null, backUrl: null, cancelUrl: null, lang: null };
const shown = (pageId: string) => findPage(world.db, world.vault, { pageId, now: world.clock.now() });

const retire = (at: number | null) => setRetired(world.db, 'TRC-20', at);
const tasks = () => listTasks(world.db, { merchantIds: null, limit: 10 });
const create = async () => (await createInvoices(world, [asked(world, merchant)]))[0];

test('takes no new invoices until it is back', async () => {
  expect(await retire(world.clock.now())).toBe(true);
  expect(await create()).toEqual({ ok: false, fault: 'no_wallet' });
  expect(await retire(null)).toBe(true);
  expect(await create()).toMatchObject({ ok: true });
});

test('that was never read cannot be retired', async () => {
  expect(await setRetired(world.db, 'BASE', world.clock.now())).toBe(false);
});

test('lets open invoices expire by the clock, which wait while it only lags', async () => {
  const { id } = await makeInvoice(world, merchant);
  expect(await openInvoicesOn(world.db, 'TRC-20')).toEqual({ open: 1, confirming: 0 });
  world.clock.advance(2 * HOUR);
  expect(await expire(world)).toBe(0);
  await retire(world.clock.now());
  expect(await expire(world)).toBe(1);
  expect(await invoiceById(world.db, id)).toMatchObject({ status: 'expired', exception: 'expired_blind' });
  expect(await openInvoicesOn(world.db, 'TRC-20')).toEqual({ open: 0, confirming: 0 });
  const task = { kind: 'expired_blind', invoice_id: id, merchant_id: merchant.id, transfer_id: null };
  expect(await tasks()).toEqual([{ ...task, since: world.clock.now() }]);
  expect(await findViolations(world.db)).toEqual([]);
});

test('has an invoice to wait for also while its payment is not final, and only on the network of its amount', async () => {
  const invoice = await makeInvoice(world, merchant);
  await pay(world, invoice);
  await match(world);
  expect((await invoiceById(world.db, invoice.id))?.status).toBe('confirming');
  expect(await openInvoicesOn(world.db, 'TRC-20')).toEqual({ open: 1, confirming: 1 });
  expect(await openInvoicesOn(world.db, 'ERC-20')).toEqual({ open: 0, confirming: 0 });
});

test('that is read again after all still has its payments counted', async () => {
  const invoice = await makeInvoice(world, merchant);
  const paidAt = world.clock.now() + MINUTE;
  world.clock.advance(2 * HOUR);
  await retire(world.clock.now());
  await expire(world);
  await retire(null);
  await readTo(world, 'TRC-20', { height: 300, final: 290 });
  await pay(world, invoice, { height: 200, time: paidAt });
  await match(world);
  await settle(world);
  expect(await invoiceById(world.db, invoice.id)).toMatchObject({ status: 'completed', exception: null });
});

test('that is read past the deadline after all leaves nothing to look for', async () => {
  const pageId = randomUUID();
  await makeInvoice(world, merchant, { page: { ...page, id: pageId } });
  world.clock.advance(2 * HOUR);
  await retire(world.clock.now());
  await expire(world);
  expect(await shown(pageId)).toMatchObject({ status: 'expired', isUnread: true });
  await retire(null);
  await readTo(world, 'TRC-20', { height: 300, final: 290 });
  expect(await tasks()).toEqual([]);
  expect(await shown(pageId)).toMatchObject({ status: 'expired', isUnread: false });
});

test('is known to be by the page of its invoice at once, however lately it was read', async () => {
  const pageId = randomUUID();
  await makeInvoice(world, merchant, { page: { ...page, id: pageId } });
  const standing = async () => (await findStandings(world.db, [pageId])).get(pageId);
  expect([await shown(pageId), await standing()]).toMatchObject([{ isRetired: false }, { isRetired: false }]);
  await retire(world.clock.now());
  expect([await shown(pageId), await standing()]).toMatchObject([
    { isRetired: true, isUnread: false },
    { isRetired: true },
  ]);
});

test('that was read past the deadline before it was retired lets nothing expire unseen', async () => {
  const { id, expireAt } = await makeInvoice(world, merchant);
  world.clock.time = expireAt + 3 * MINUTE;
  await readTo(world, 'TRC-20', { height: 300, final: 290 });
  await retire(world.clock.now());
  await expire(world);
  expect(await invoiceById(world.db, id)).toMatchObject({ status: 'expired', exception: null });
});

test('does not end what is being paid on it, and whoever retires it is told how many those are', async () => {
  const [paid] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
  await pay(world, paid);
  await match(world);
  const held = await openInvoicesOn(world.db, 'TRC-20');
  expect(held).toEqual({ open: 2, confirming: 1 });
  expect(retireWarning('TRC-20', held)).toMatch(/^TRC-20 has 1 open invoices, .* 1 more are being paid/);
  await retire(world.clock.now());
  world.clock.advance(2 * HOUR);
  expect(await expire(world)).toBe(1);
  expect((await invoiceById(world.db, paid.id))?.status).toBe('confirming');
});
