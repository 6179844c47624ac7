import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeMerchant, makeUser, type TestMerchant } from '../../../test/factories.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Entry } from '../domain/ledger.ts';
import { transact } from './db.ts';
import { findViolations } from './invariants.ts';
import { balanceOf, lowBalances, post, termsOf } from './ledger.ts';
import { setCommission } from './users.ts';

const world = useWorld();
let userId: number;

beforeEach(async () => {
  userId = await makeUser(world);
});

const adjustment = (amount: bigint, of = userId): Entry => ({
  kind: 'adjustment',
  owner: { userId: of },
  against: 'adjustments',
  amount,
  invoiceId: null,
  memo: 'a test',
});

const book = (...entries: Entry[]) => transact(world.db, tx => post(tx, entries, world.clock.now()));

const sums = async () => {
  const { rows } = await sql<{ kind: string; total: string }>`
    select a.kind, sum(p.amount) as total from postings p join accounts a on a.id = p.account_id
     group by a.kind order by a.kind`.execute(world.db);
  return Object.fromEntries(rows.map(({ kind, total }) => [kind, total]));
};

describe('an entry', () => {
  test('moves its amount to the balance, and from the other account', async () => {
    expect(await balanceOf(world.db, userId)).toBe(0n);
    await book(adjustment(5n), adjustment(-8n));
    expect(await balanceOf(world.db, userId)).toBe(-3n);
    expect(await sums()).toEqual({ adjustments: '0.00000003', user_balance: '-0.00000003' });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('finds the user of a merchant', async () => {
    const merchant = await makeMerchant(world, { userId });
    await book({ ...adjustment(7n), owner: { merchantId: merchant.id } });
    expect(await balanceOf(world.db, userId)).toBe(7n);
  });

  test('of nobody is a bug, and leaves nothing', async () => {
    await expect(book(adjustment(1n), adjustment(1n, 999))).rejects.toThrow();
    expect(await world.db.selectFrom('journal_entries').selectAll().execute()).toEqual([]);
    expect(await balanceOf(world.db, userId)).toBe(0n);
  });

  test('holds amounts of the whole width exactly', async () => {
    const most = 10n ** 23n - 1n;
    await book(adjustment(most), adjustment(most), adjustment(1n));
    expect(await balanceOf(world.db, userId)).toBe(2n * most + 1n);
    await book(adjustment(-most), adjustment(-2n));
    expect(await balanceOf(world.db, userId)).toBe(most - 1n);
  });
});

describe('many transactions at once', () => {
  test('that cross each other lose nothing and never wait in a ring', async () => {
    const users = [userId, await makeUser(world), await makeUser(world), await makeUser(world)];
    await warm(world.db);
    let deadlocks = 0;
    const once = (entries: Entry[]) =>
      world.db
        .transaction()
        .execute(tx => post(tx, entries, world.clock.now()))
        .catch(error => {
          deadlocks++;
          throw error;
        });
    for (let round = 0; round < 10; round++) {
      const orders = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? users : users.toReversed()));
      await Promise.all(orders.map(order => once(order.map(of => adjustment(3n, of)))));
    }
    expect(deadlocks).toBe(0);
    for (const of of users) expect(await balanceOf(world.db, of)).toBe(300n);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('open an account once', async () => {
    await warm(world.db);
    await Promise.all(Array.from({ length: 8 }, () => book(adjustment(1n))));
    expect(await balanceOf(world.db, userId)).toBe(8n);
    expect(await world.db.selectFrom('accounts').select('kind').orderBy('kind').execute()).toEqual(
      ['adjustments', 'operator_revenue', 'top_up_clearing', 'user_balance'].map(kind => ({ kind })),
    );
  });
});

describe('the database itself', () => {
  beforeEach(() => book(adjustment(5n)));

  test.each(['journal_entries', 'postings'])(
    'refuses to change or to delete rows of %s, for anybody',
    async table => {
      const column = table === 'postings' ? sql`amount = amount * 2` : sql`memo = 'another'`;
      await expect(sql`update ${sql.table(table)} set ${column}`.execute(world.db)).rejects.toThrow(
        'only grows',
      );
      await expect(sql`delete from ${sql.table(table)}`.execute(world.db)).rejects.toThrow('only grows');
    },
  );

  const addEntry = sql`insert into journal_entries (kind, n, memo, created_at) values ('adjustment', 0, 'x', '2026-01-01')`;
  const last = sql`(select max(id) from journal_entries)`;
  const side = (amount: number, kind = 'user_balance') => sql`
    insert into postings select ${last}, min(id), ${amount} from accounts where kind = ${kind}`;
  const run = (...statements: (typeof addEntry)[]) =>
    world.db.transaction().execute(async tx => {
      for (const statement of statements) await statement.execute(tx);
    });

  test.each(['journal_entries', 'postings', 'audit_log'])('refuses to empty %s', async table => {
    await sql.raw(`alter table ${table} enable trigger user`).execute(world.db);
    await expect(sql.raw(`truncate ${table} cascade`).execute(world.db)).rejects.toThrow(
      'only grows: truncate',
    );
  });

  test('refuses an entry at the commit whose sides do not sum to zero', async () => {
    await expect(run(addEntry, side(5), side(-4, 'adjustments'))).rejects.toThrow('does not balance');
    await expect(run(addEntry, side(5))).rejects.toThrow('does not balance');
    await expect(run(addEntry)).rejects.toThrow('does not balance');
    await expect(run(side(-1, 'operator_revenue'))).rejects.toThrow('does not balance');
    await expect(run(addEntry, side(0))).rejects.toThrow('postings_amount_check');
    await run(addEntry, side(5), side(-5, 'adjustments'));
  });
});

test('the terms of a merchant are those of its user', async () => {
  const [first, second]: TestMerchant[] = [await makeMerchant(world, { userId }), await makeMerchant(world)];
  await transact(world.db, tx => setCommission(tx, userId, '0.5'));
  await book(adjustment(-320_000_000n));
  const terms = await transact(world.db, tx => termsOf(tx, [first!.id, second!.id, first!.id]));
  expect(terms).toEqual(
    new Map([
      [first!.id, { percent: { units: 5000n, scale: 4 }, balance: -320_000_000n }],
      [second!.id, { percent: null, balance: 0n }],
    ]),
  );
});

test('low balances are found, the lowest first', async () => {
  const other = await makeUser(world);
  const rich = await makeUser(world);
  await book(adjustment(-5n), adjustment(-9n, other), adjustment(10n, rich));
  expect(await lowBalances(world.db, { below: 0n, most: 10 })).toEqual([
    { userId: other, balance: -9n },
    { userId, balance: -5n },
  ]);
  expect(await lowBalances(world.db, { below: -5n, most: 10 })).toEqual([{ userId: other, balance: -9n }]);
  expect(await lowBalances(world.db, { below: 100n, most: 1 })).toHaveLength(1);
});
