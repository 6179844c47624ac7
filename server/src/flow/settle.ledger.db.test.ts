import { beforeEach, describe, expect, test } from 'vitest';
import {
  asked,
  makeInvoice,
  makeMerchant,
  makeShop,
  makeUser,
  makeWallet,
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
import { changeUser } from '../commands/change-user.ts';
import { chooseMethod } from '../commands/choose-method.ts';
import { createInvoices } from '../commands/create-invoice.ts';
import { NO_TERMS } from '../domain/commission.ts';
import type { Invoice } from '../domain/invoice.ts';
import { formatNumber } from '../domain/money.ts';
import { formatUsd } from '../domain/usd.ts';
import { findViolations } from '../store/invariants.ts';
import { balanceOf } from '../store/ledger.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
let userId: number;
let merchant: TestMerchant;

beforeEach(async () => {
  world.terms = { ...NO_TERMS, percent: { units: 1n, scale: 0 } };
  userId = await makeUser(world);
  ({ merchant } = await makeShop(world, { merchant: { userId } }));
});

const balance = async (of = userId) => formatUsd(await balanceOf(world.db, of));

const entries = async () => {
  const rows = await world.db.selectFrom('journal_entries').select(['kind', 'n']).orderBy('id').execute();
  return rows.map(({ kind, n }) => `${kind} ${n}`);
};

const orphan = () => orphanAbove(world, 99);

/** Pays all of them in block 100, which is final then. */
async function settled(...invoices: Invoice[]): Promise<string[]> {
  const ids: string[] = [];
  for (const invoice of invoices) ids.push(await pay(world, invoice, { height: 100 }));
  while ((await match(world)) > 0);
  await readTo(world, 'TRC-20', { height: 110, final: 100 });
  return ids;
}

describe('a paid invoice', () => {
  test('is charged its commission when it settles, and not before', async () => {
    const invoice = await makeInvoice(world, merchant, { amount: '53.80526186' });
    await settled(invoice);
    expect(await balance()).toBe('0.00000000');
    await settle(world);
    expect(await balance()).toBe('-0.53805262');
    expect(await entries()).toEqual(['commission 0']);
    while ((await settle(world)) > 0);
    expect(await balance()).toBe('-0.53805262');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is charged by one of several processes', async () => {
    await settled(await makeInvoice(world, merchant));
    await warm(world.db);
    await Promise.all(Array.from({ length: 6 }, () => settle(world)));
    expect(await entries()).toEqual(['commission 0']);
    expect(await balance()).toBe('-0.10000000');
  });

  test('is charged when it is confirmed by hand, and not again when its payment is final', async () => {
    const invoice = await makeInvoice(world, merchant);
    await settled(invoice);
    await put(world, invoice, 'confirmed_manually');
    expect(await balance()).toBe('-0.10000000');
    while ((await settle(world)) + (await match(world)) > 0);
    expect(await entries()).toEqual(['commission 0']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of a payer who bears the commission asks for it, and the merchant is left with what was asked', async () => {
    const own = await makeMerchant(world, { userId });
    await makeWallet(world, own, { commissionPayer: 'payer', digits: 2, maxTail: 1 });
    const invoice = await makeInvoice(world, own, { amount: '53.80526186' });
    // 53.80526186 + 0.53805262 is 54.34331448, rounded up to cents, and a tail of one.
    expect(formatNumber(methodOf(invoice).final)).toBe('54.36');
    await settled(invoice);
    await settle(world);
    expect(await balance()).toBe('-0.53805262');
  });

  test('of a payer who bears the commission and chooses the coin on the page asks for it too', async () => {
    const own = await makeMerchant(world, { userId });
    await makeWallet(world, own, { commissionPayer: 'payer', digits: 2, maxTail: 1 });
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    await makeInvoice(world, own, { amount: '53.80526186', method: null, page });
    const method = { network: 'TRC-20', asset: 'USDT' } as const;
    const invoice = must(await chooseMethod(world, { pageId: page.id, from: null, method }));
    expect(formatNumber(methodOf(invoice).final)).toBe('54.36');
    await settled(invoice);
    await settle(world);
    expect(await balance()).toBe('-0.53805262');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('costs nothing, and writes nothing, where the percent is 0', async () => {
    must(await changeUser(world, userId, { commission: '0' }));
    await settled(await makeInvoice(world, merchant));
    expect(await settle(world)).toBe(1);
    expect(await entries()).toEqual([]);
    expect(await world.db.selectFrom('accounts').selectAll().execute()).toEqual([]);
  });

  test('keeps the percent it was made with', async () => {
    const before = await makeInvoice(world, merchant);
    must(await changeUser(world, userId, { commission: '2.5' }));
    const after = await makeInvoice(world, merchant);
    must(await changeUser(world, userId, { commission: 'default' }));
    await settled(before, after);
    await settle(world);
    expect(await balance()).toBe('-0.35000000');
    expect(await findViolations(world.db)).toEqual([]);
  });
});

test('many invoices of many users are charged in batches, by several processes at once', async () => {
  const shops = [merchant];
  const users = [userId];
  for (let n = 0; n < 3; n++) {
    users.push(await makeUser(world));
    const { merchant: other } = await makeShop(world, { merchant: { userId: users.at(-1)! } });
    shops.push(other);
  }
  // Each batch goes through the users in another order.
  const commands = Array.from({ length: 480 }, (_, n) =>
    asked(world, shops[world.random(4)]!, { amount: `${1 + (n % 7)}` }),
  );
  const invoices = (await createInvoices(world, commands)).map(must);
  await settled(...invoices);
  await warm(world.db);
  const lane = async () => {
    while ((await settle(world)) > 0);
  };
  await Promise.all([lane(), lane(), lane()]);
  const owed = new Map(users.map(id => [id, 0n]));
  commands.forEach(({ merchant: of, requested }) => {
    const user = users[shops.findIndex(({ id }) => id === of.id)]!;
    owed.set(user, owed.get(user)! - requested.units / 100n);
  });
  for (const [user, sum] of owed) expect(await balanceOf(world.db, user)).toBe(sum);
  expect(await entries()).toHaveLength(480);
  expect(await findViolations(world.db)).toEqual([]);
});

describe('a settled payment that leaves the chain', () => {
  test('gives the commission back, and takes it again with every return', async () => {
    const invoice = await makeInvoice(world, merchant);
    const [txId = ''] = await settled(invoice);
    await settle(world);
    await warm(world.db);
    const several = () => Promise.all([settle(world), settle(world), settle(world)]);
    for (let turn = 1; turn <= 3; turn++) {
      await orphan();
      await several();
      expect(await balance()).toBe('0.00000000');
      expect(await findViolations(world.db)).toEqual([]);
      await pay(world, invoice, { txId, height: 100 + turn, fork: turn });
      await several();
      expect(await balance()).toBe('-0.10000000');
      expect(await findViolations(world.db)).toEqual([]);
    }
    expect(await entries()).toEqual([
      'commission 0',
      ...[1, 2, 3].flatMap(n => [`commission_reversal ${n}`, `commission_restored ${n}`]),
    ]);
  });
});

describe('a top-up', () => {
  test('is credited to its user when it is paid, without a commission, and taken back with its payment', async () => {
    const payer = await makeUser(world);
    const invoice = await makeInvoice(world, merchant, { amount: '50', topUpUserId: payer });
    const [txId = ''] = await settled(invoice);
    await settle(world);
    expect(await balance(payer)).toBe('50.00000000');
    expect(await balance()).toBe('0.00000000');
    await orphan();
    await settle(world);
    expect(await balance(payer)).toBe('0.00000000');
    await pay(world, invoice, { txId, height: 103, fork: 1 });
    await settle(world);
    expect(await balance(payer)).toBe('50.00000000');
    expect(await entries()).toEqual(['top_up 0', 'top_up_reversal 1', 'top_up_restored 1']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of the very user whose merchant takes it is in the books all the same', async () => {
    await settled(await makeInvoice(world, merchant, { amount: '5', topUpUserId: userId }));
    await settle(world);
    expect(await balance()).toBe('5.00000000');
    expect(await findViolations(world.db)).toEqual([]);
  });
});
