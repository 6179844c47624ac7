/** Commission and balance as a shop meets them: what a paid invoice costs, when new ones are refused, and how to top up. */
import { randomInt, randomUUID } from 'node:crypto';
import { ConflictError } from '@cryptoscan/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { changeUser } from '../../server/src/commands/change-user.ts';
import { TailMemory } from '../../server/src/commands/tail-memory.ts';
import { nameTopUpMerchant, topUp } from '../../server/src/commands/top-up.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { invoiceById } from '../../server/src/store/invoices.ts';
import {
  clientOf,
  type Ground,
  networks,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { type FakeWatch, payFake, watchFake } from './fake-watch.ts';
import { creating, keyHeaders, send } from './wire.ts';

const patience = { timeout: 45_000, interval: 10 };

let ground: Ground;
let gateway: TestGateway;
let chain: FakeWatch;
let shop: Shop;
let operators: Shop;

/** One percent; a balance below -0.15 gets no new invoices, and is called low below 0. */
beforeAll(async () => {
  ground = await openGround();
  chain = await watchFake(ground, 'TRC-20');
  gateway = await openGateway(ground, {
    roles: ['api', 'settle'],
    terms: { percent: { units: 1n, scale: 0 }, warnBelow: 0n, refuseBelow: -15_000_000n },
  });
  shop = await openShop(ground, { settings: { auth: 'private-key' }, wallet: { commissionPayer: 'payer' } });
  operators = await openShop(ground, { settings: { compat: true } });
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

let made = 0;
const order = () => ({ amount: '10', client_reference_id: `order ${++made}` });
const create = () => clientOf(gateway, shop).createInvoice(order());
const user = () => clientOf(gateway, shop).user();

async function paid(of: Shop, { id, final_amount }: { id: string; final_amount: string }): Promise<void> {
  payFake(chain, of, { final_amount });
  await chain.read();
  const status = async () => (await invoiceById(ground.db, Number(id)))?.status;
  await vi.waitUntil(async () => (await status()) === 'completed', patience);
}

test('a paid invoice costs its commission, which the payer bears where the wallet says so', async () => {
  expect(await user()).toEqual({ id: shop.userId, status: 'Active', balance: 0, currency: 'USD' });
  const invoice = await create();
  const due = Number(invoice.final_amount);
  expect(due > 10.1 && due <= 10.1 + 0.999).toBe(true);
  expect((await user()).balance).toBe(0);
  await paid(shop, invoice);
  expect(await user()).toMatchObject({ balance: -0.1, balance_low: true });
});

test('below the limit new invoices are refused in words, again and again under one key', async () => {
  await paid(shop, await create());
  expect((await user()).balance).toBe(-0.2);
  const failure = await create().catch(error => error);
  expect(failure).toBeInstanceOf(ConflictError);
  expect(failure.message).toContain('-0.20 USD');
  const headers = { ...keyHeaders(shop), 'idempotency-key': 'once' };
  const message = creating(headers, JSON.stringify(order()));
  const [first, second] = [await send(gateway.port, message), await send(gateway.port, message)];
  expect(first.status).toBe(409);
  expect(JSON.parse(first.text)).toEqual({
    success: false,
    data: {
      name: 'Conflict',
      message:
        'The balance of this account is -0.20 USD, which is too low for new invoices. Ask the operator how to top it up, then try again under a new Idempotency-Key.',
      code: 0,
      status: 409,
    },
  });
  expect([second.status, second.text]).toEqual([first.status, first.text]);
  await expect(clientOf(gateway, shop).createWidget({ ...order(), amount: '5' })).rejects.toBeInstanceOf(
    ConflictError,
  );
});

test('a top-up through the gateway itself opens the way again', async () => {
  const named = await nameTopUpMerchant(ground, operators.id);
  expect(named.ok).toBe(true);
  const deps = {
    ...ground,
    networks,
    memory: new TailMemory(),
    random: (n: number) => randomInt(n),
    pageId: randomUUID,
  };
  const asked = await topUp(deps, { userId: shop.userId, amount: '50' });
  if (!asked.ok) throw new Error(JSON.stringify(asked.fault));
  const page = await send(gateway.port, { path: `/payment/${asked.value.pageId}`, headers: {} });
  expect([page.status, page.text.includes('Balance top-up')]).toEqual([200, true]);
  const { final_amount: due } = await clientOf(gateway, operators).invoice(asked.value.invoiceId);
  await paid(operators, { id: String(asked.value.invoiceId), final_amount: String(due) });
  const { balance, balance_low } = await user();
  expect([balance, balance_low]).toEqual([49.8, undefined]);
  expect((await create()).id).toMatch(/^\d+$/);
});

test('a user with a percent of its own is asked that one', async () => {
  await changeUser(ground, shop.userId, { commission: '2.5' });
  const before = (await user()).balance;
  await paid(shop, await create());
  expect((await user()).balance).toBe(before - 0.25);
  expect(await findViolations(ground.db)).toEqual([]);
});
