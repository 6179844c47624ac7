import { beforeEach, describe, expect, test } from 'vitest';
import {
  decimal,
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  makeUser,
  must,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { formatNumber } from '../domain/money.ts';
import { checkMasterKey } from '../store/installation.ts';
import { invoiceById } from '../store/invoices.ts';
import { balanceOf } from '../store/ledger.ts';
import { findUser } from '../store/users.ts';
import { adjustBalance } from './adjust-balance.ts';
import { cancelInvoice } from './cancel-invoice.ts';
import { changeUser } from './change-user.ts';
import { nameTopUpMerchant, topUp } from './top-up.ts';

const world = useWorld();
let userId: number;
let merchant: TestMerchant;

beforeEach(async () => {
  await checkMasterKey(world.db, world.vault, world.clock.now());
  userId = await makeUser(world);
  ({ merchant } = await makeShop(world));
});

const ask = (amount: unknown, of = userId) =>
  topUp({ ...world, pageId: () => world.chance.uuid() }, { userId: of, amount });

describe('a top-up', () => {
  beforeEach(async () => must(await nameTopUpMerchant(world, merchant.id)));

  test('is an invoice of the operator’s merchant with a page, numbered by user', async () => {
    const [first, second] = [must(await ask('50')), must(await ask('1.5'))];
    expect(first.clientReferenceId).toBe(`top-up-${userId}-1`);
    expect(second.clientReferenceId).toBe(`top-up-${userId}-2`);
    const invoice = await invoiceById(world.db, first.invoiceId);
    expect(invoice).toMatchObject({
      merchantId: merchant.id,
      topUpUserId: userId,
      page: { id: first.pageId },
    });
    expect(formatNumber(invoice?.requested ?? decimal('0'))).toBe('50');
  });

  test('takes the next number where the merchant has used one itself, or somebody was faster', async () => {
    await makeInvoice(world, merchant, { clientReferenceId: `top-up-${userId}-1` });
    expect(must(await ask('50')).clientReferenceId).toBe(`top-up-${userId}-2`);
    const made = await Promise.all([ask('1'), ask('2'), ask('3')]);
    expect(new Set(made.map(one => must(one).clientReferenceId)).size).toBe(3);
  });

  test('of an amount that is asked for already is that one, while there is time to pay it', async () => {
    const first = must(await ask('50'));
    world.clock.advance((merchant.paymentMinutes - 5) * MINUTE);
    await readTo(world, 'TRC-20', { height: 200 });
    expect(must(await ask('50.00'))).toEqual(first);
    world.clock.advance(1);
    expect(must(await ask('50')).invoiceId).not.toBe(first.invoiceId);
    // Somebody else's is their own.
    const other = must(await ask('50', await makeUser(world)));
    expect(other.invoiceId).not.toBe(first.invoiceId);
  });

  test('is refused while five of the account are unpaid, and makes no more invoices than those', async () => {
    const asked = await Promise.all(['1', '2', '3', '4', '5', '6', '7'].map(amount => ask(amount)));
    const refused = asked.flatMap(one => (one.ok ? [] : one.fault));
    expect(refused).toMatchObject([
      { field: 'amount', rule: { code: 'top_ups_open', params: { most: 5 } } },
      { field: 'amount', rule: { code: 'top_ups_open', params: { most: 5 } } },
    ]);
    expect(await world.db.selectFrom('invoices').select('id').execute()).toHaveLength(5);
    expect((await ask('8', await makeUser(world))).ok).toBe(true);
  });

  test('is refused when twenty of a day were not paid, since whoever has the page may end each', async () => {
    for (let n = 1; n <= 20; n++) {
      const { invoiceId } = must(await ask('50'));
      const end = { merchantId: merchant.id, invoiceId };
      must(await cancelInvoice(world, end));
    }
    expect(await ask('50')).toMatchObject({ fault: [{ field: 'amount', rule: { code: 'top_ups_day' } }] });
    world.clock.advance(24 * HOUR);
    await readTo(world, 'TRC-20', { height: 200 });
    expect((await ask('50')).ok).toBe(true);
  });

  test.each(['0', '-5', '1.123456789', 'much', undefined])('of %s is refused by name', async amount => {
    const made = await ask(amount);
    expect(made.ok ? [] : made.fault.map(({ field }) => field)).toEqual(['amount']);
  });

  test('of nobody is refused', async () => {
    expect(await ask('50', 999)).toMatchObject({ fault: [{ field: 'user' }] });
  });
});

test('without a merchant that takes top-ups there are none', async () => {
  expect(await ask('50')).toMatchObject({ fault: [{ field: 'merchant' }] });
  expect(await nameTopUpMerchant(world, 999)).toMatchObject({ fault: [{ field: 'merchant' }] });
});

describe('a balance', () => {
  test('is changed by hand, with a reason that stays', async () => {
    const first = must(await adjustBalance(world, userId, { amount: '10', memo: 'welcome' }));
    const second = must(await adjustBalance(world, userId, { amount: '-13.20', memo: ' a mistake ' }));
    expect([first.balance, second.balance]).toEqual([1_000_000_000n, -320_000_000n]);
    expect(await balanceOf(world.db, userId)).toBe(-320_000_000n);
    const memos = await world.db.selectFrom('journal_entries').select('memo').orderBy('id').execute();
    expect(memos.map(({ memo }) => memo)).toEqual(['welcome', 'a mistake']);
  });

  test.each([
    [{ amount: '0', memo: 'x' }, 'amount'],
    [{ amount: '1,5', memo: 'x' }, 'amount'],
    [{ amount: '1', memo: '  ' }, 'memo'],
    [{ amount: '1', memo: 'x'.repeat(501) }, 'memo'],
    [{ amount: '1', memo: undefined }, 'memo'],
  ])('is not changed by %j', async (input, field) => {
    const changed = await adjustBalance(world, userId, input);
    expect(changed.ok ? [] : changed.fault.map(one => one.field)).toEqual([field]);
  });

  test('of nobody is not changed', async () => {
    const changed = await adjustBalance(world, 999, { amount: '1', memo: 'x' });
    expect(changed).toMatchObject({ fault: [{ field: 'user' }] });
  });
});

describe('a commission percent', () => {
  test('is set, and unset', async () => {
    must(await changeUser(world, userId, { commission: '0.5' }));
    expect((await findUser(world.db, userId))?.commission_percent).toBe('0.5000');
    must(await changeUser(world, userId, { commission: 'default' }));
    expect((await findUser(world.db, userId))?.commission_percent).toBeNull();
  });

  test.each(['100', '-1', '0.00001', 'none'])('is never %s', async commission => {
    expect(await changeUser(world, userId, { commission })).toMatchObject({
      fault: [{ field: 'commission' }],
    });
  });
});
