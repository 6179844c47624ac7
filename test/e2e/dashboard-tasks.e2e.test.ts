/** What waits for a person is in the dashboard, can be dealt with there, by whom it is for, once, and by nobody else. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Invoice } from '../../server/src/domain/invoice.ts';
import { expire } from '../../server/src/flow/expire.ts';
import { match } from '../../server/src/flow/match.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { invoiceById } from '../../server/src/store/invoices.ts';
import {
  MINUTE,
  makeInvoice,
  makeShop,
  makeWorld,
  methodOf,
  pay,
  put,
  readTo,
  type TestMerchant,
  type World,
} from '../factories.ts';
import { idOfTransfer } from '../fate.ts';
import { type Ground, openGround } from '../gateway.ts';
import {
  type Browser,
  type Dashboard,
  member,
  openDashboard,
  signedIn,
  somebody,
} from './dashboard-world.ts';

let ground: Ground;
let dashboard: Dashboard;
let world: World;
let userId: number;
let owner: Browser;
let merchant: TestMerchant;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground);
  world = { ...makeWorld(ground.db), vault: ground.vault };
  world.clock.time = ground.clock.now();
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

beforeEach(async () => {
  const person = await somebody(dashboard.deps);
  ({ userId } = person);
  owner = await signedIn(dashboard, person.email);
  ({ merchant } = await makeShop(world, { merchant: { userId, name: 'Lamps', remainder: true } }));
});

const judge = () => match({ ...world, rateOf: () => null, coinRateOf: () => null });
const at = (path: string) => `/users/${userId}${path}`;
const counted = async () => (await owner.get(at('/overview'))).body.tasks;
const listed = async (browser = owner) => (await browser.get(at('/tasks'))).body;
const actions = async (target: string) =>
  (
    await ground.db
      .selectFrom('audit_log')
      .select(['action', 'after'])
      .where('target', '=', target)
      .where('user_id', '=', userId)
      .execute()
  ).map(({ action, after }) => [action, JSON.parse(after ?? '{}')]);

/** 60 percent of an invoice came, and its time is over. */
async function partlyPaid(): Promise<{ invoice: Invoice; transferId: number }> {
  const invoice = await makeInvoice(world, merchant, {
    amount: '100',
    clientReferenceId: `order ${world.next()}`,
  });
  const txId = await pay(world, invoice, { units: (methodOf(invoice).final.units * 6n) / 10n, height: 99 });
  await judge();
  expect((await invoiceById(ground.db, invoice.id))?.exception).toBe('underpaid');
  world.clock.time = invoice.expireAt + 3 * MINUTE;
  await readTo(world, 'TRC-20', { height: 110 });
  expect(await expire(world)).toBe(1);
  return { invoice, transferId: await idOfTransfer(world, txId) };
}

/** An invoice that was confirmed by a transaction nobody saw. */
async function unverified(): Promise<Invoice> {
  const invoice = await makeInvoice(world, merchant, { clientReferenceId: `order ${world.next()}` });
  await put(world, invoice, 'confirmed_manually');
  await ground.db
    .updateTable('invoices')
    .set({ exception: 'unverified_manual' })
    .where('id', '=', invoice.id)
    .execute();
  return invoice;
}

describe('an invoice that ended with a part of it', () => {
  test('is counted and listed until its part is given back, which is done once', async () => {
    const { invoice, transferId } = await partlyPaid();
    expect(await counted()).toBe(1);
    expect(await listed()).toEqual({
      tasks: [
        expect.objectContaining({
          ref: `i${invoice.id}`,
          kind: 'rest_missing',
          merchants: ['Lamps'],
          transfer_id: null,
          invoice: { id: invoice.id, client_reference_id: invoice.clientReferenceId },
          asset: 'USDT',
          network: 'TRC-20',
        }),
      ],
      cursor: null,
    });
    expect((await owner.get(at(`/invoices/${invoice.id}`))).body.task).toEqual({
      kind: 'rest_missing',
      closable: true,
    });
    const shown = (await owner.get(at(`/money/${transferId}`))).body;
    expect(shown).toMatchObject({
      transfer: { state: 'matched', waits: true },
      part_of: { invoice_id: invoice.id, left: true },
    });
    const mark = { resolution: 'refunded', refund_transaction_id: 'back', memo: 'asked for it' };
    const both = await Promise.all([
      owner.post(at(`/money/${transferId}/resolve`), mark),
      owner.post(at(`/money/${transferId}/resolve`), mark),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([204, 409]);
    expect([await counted(), (await listed()).tasks]).toEqual([0, []]);
    expect((await owner.get(at(`/money/${transferId}`))).body).toMatchObject({
      transfer: { state: 'unmatched', resolution: 'refunded', waits: false },
      part_of: null,
    });
    expect(await actions(`transfer ${transferId}`)).toEqual([
      [
        'transfer.refunded',
        {
          resolution: 'refunded',
          refund_transaction_id: 'back',
          memo: 'asked for it',
          part_of: invoice.id,
        },
      ],
    ]);
    expect(await findViolations(ground.db)).toEqual([]);
  });

  test('can be marked as dealt with as a whole', async () => {
    const { invoice } = await partlyPaid();
    expect((await owner.post(at(`/invoices/${invoice.id}/resolve`), { note: 'it is enough' })).status).toBe(
      204,
    );
    expect(await counted()).toBe(0);
    expect(await actions(`invoice ${invoice.id}`)).toEqual([
      ['invoice.task_done', { task: 'rest_missing', note: 'it is enough' }],
    ]);
  });

  test('is nothing of another account, and dealt with by no role that may not confirm', async () => {
    const { invoice, transferId } = await partlyPaid();
    const stranger = await somebody(dashboard.deps);
    const foreign = await signedIn(dashboard, stranger.email);
    expect((await foreign.get(`/users/${stranger.userId}/tasks`)).body).toEqual({ tasks: [], cursor: null });
    for (const [path, body] of [
      [`/money/${transferId}/resolve`, { resolution: 'dismissed' }],
      [`/invoices/${invoice.id}/resolve`, {}],
    ] as const) {
      for (const of of [userId, stranger.userId])
        expect((await foreign.post(`/users/${of}${path}`, body)).status).toBe(404);
      for (const role of ['developer', 'viewer'] as const) {
        const person = await member(dashboard.deps, userId, role);
        const browser = await signedIn(dashboard, person.email);
        expect((await browser.post(at(path), body)).status).toBe(403);
        expect((await listed(browser)).tasks).toHaveLength(1);
      }
    }
    expect((await foreign.get(at('/tasks'))).status).toBe(404);
    expect(await counted()).toBe(1);
  });

  test('keeps its part while the rest may still come, and the task of an open one is not closed', async () => {
    const invoice = await makeInvoice(world, merchant, { amount: '100' });
    const txId = await pay(world, invoice, { units: methodOf(invoice).final.units / 2n });
    await judge();
    const id = await idOfTransfer(world, txId);
    expect(await counted()).toBe(0);
    const { status, body } = await owner.post(at(`/money/${id}/resolve`), { resolution: 'dismissed' });
    expect([status, body.error.code]).toEqual([409, 'part_counts']);
    // No amount is free for the rest.
    await ground.db.deleteFrom('remainders').where('invoice_id', '=', invoice.id).execute();
    expect(await counted()).toBe(1);
    expect((await owner.get(at(`/invoices/${invoice.id}`))).body.task).toEqual({
      kind: 'rest_missing',
      closable: false,
    });
    const closed = await owner.post(at(`/invoices/${invoice.id}/resolve`));
    expect([closed.status, closed.body.error.code]).toEqual([409, 'no_task']);
  });
});

test('a payment that waits to be final is not given back', async () => {
  const invoice = await makeInvoice(world, merchant);
  const txId = await pay(world, invoice);
  await judge();
  const path = at(`/money/${await idOfTransfer(world, txId)}/resolve`);
  const { status, body } = await owner.post(path, { resolution: 'refunded' });
  expect([status, body.error.code]).toEqual([409, 'payment_waits']);
});

test('a paid invoice that is not as it should be waits until one person has dealt with it', async () => {
  const invoice = await unverified();
  expect((await listed()).tasks).toMatchObject([{ kind: 'unverified_manual', invoice: { id: invoice.id } }]);
  const path = at(`/invoices/${invoice.id}/resolve`);
  const both = await Promise.all([owner.post(path), owner.post(path)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([204, 409]);
  expect(await counted()).toBe(0);
  expect(await actions(`invoice ${invoice.id}`)).toHaveLength(1);
  expect((await invoiceById(ground.db, invoice.id))?.exception).toBe('unverified_manual');
});

test('a late payment that the shop does not take, and one on no block, wait for nobody', async () => {
  const invoice = await makeInvoice(world, merchant, { amount: '70' });
  await pay(world, invoice, { units: methodOf(invoice).final.units * 3n, height: 99 });
  await judge();
  expect(await counted()).toBe(1);
  const stray = async (state: string) => (await owner.get(at(`/money?state=${state}`))).body.transfers;
  expect(await stray('open')).toMatchObject([{ waits: true }]);
  const [{ id }] = await stray('open');
  for (const change of [
    sql`reason = 'late_rejected'`,
    sql`reason = 'no_reservation', height = null, block_hash = null, block_time = null`,
  ]) {
    await sql`update transfers set ${change} where id = ${id}`.execute(ground.db);
    expect([await counted(), await stray('open'), (await listed()).tasks]).toEqual([0, [], []]);
    expect(await stray('closed')).toMatchObject([{ id, waits: false }]);
  }
});

test('the list goes on where its page has ended, each of it once', async () => {
  for (let n = 0; n < 52; n++) await unverified();
  const first = await listed();
  expect(first.tasks).toHaveLength(50);
  const second = (await owner.get(at(`/tasks?cursor=${first.cursor}`))).body;
  expect(second).toMatchObject({ tasks: [{}, {}], cursor: null });
  expect(new Set([...first.tasks, ...second.tasks].map(({ ref }) => ref)).size).toBe(52);
  for (const cursor of ['1', '1-x2', '-i1', '1-i1;', '99999999999999999-i1'])
    expect((await owner.get(at(`/tasks?cursor=${encodeURIComponent(cursor)}`))).status).toBe(400);
});
