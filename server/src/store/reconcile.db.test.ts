import { type RawBuilder, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  keyOn,
  MINUTE,
  makeInvoice,
  makeMerchant,
  makeShop,
  makeWallet,
  methodOf,
  pay,
  put,
  readTo,
  type TestMerchant,
  type TestWallet,
} from '../../../test/factories.ts';
import { orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { NO_TERMS } from '../domain/commission.ts';
import type { Invoice } from '../domain/invoice.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { findViolations } from './invariants.ts';
import { inSnapshot } from './read-rows.ts';
import { differingSums, reconcile } from './reconcile.ts';
import type { ReportFilter } from './report-filter.ts';
import { type CategorizedTransfer, categorizedTransfers } from './transfer-categories.ts';

const world = useWorld();
let merchant: TestMerchant;
let wallet: TestWallet;

const everything: ReportFilter = { merchantId: null, userId: null, from: null, to: null, timeZone: 'UTC' };

const found = (given: Partial<ReportFilter> = {}) =>
  inSnapshot(world.db, tx => reconcile(tx, { ...everything, ...given }));

async function transfers(given: Partial<ReportFilter> = {}): Promise<CategorizedTransfer[]> {
  return inSnapshot(world.db, async tx => {
    const all: CategorizedTransfer[] = [];
    for await (const rows of categorizedTransfers(tx, { ...everything, ...given })) all.push(...rows);
    return all;
  });
}

/** `category reason: transfers, units` of each. */
async function categories(given: Partial<ReportFilter> = {}) {
  const { categories } = await found(given);
  return categories.map(
    ({ category, reason, transfers, units }) =>
      `${[category, ...(reason ? [reason] : [])].join(' ')}: ${transfers}, ${units}`,
  );
}

const due = (invoice: Invoice) => methodOf(invoice).final.units;
const orphan = (above: number) => orphanAbove(world, above);
const judge = async () => {
  while ((await match(world)) > 0);
  while ((await settle(world)) > 0);
};

beforeEach(async () => {
  world.terms = { ...NO_TERMS, percent: { units: 1n, scale: 0 } };
  ({ merchant, wallet } = await makeShop(world));
});

/** One of everything: what each came to is worked out in the first test. */
async function oneOfEach() {
  const [exact, second, gone, pending] = [
    await makeInvoice(world, merchant, { amount: '10' }),
    await makeInvoice(world, merchant, { amount: '20' }),
    await makeInvoice(world, merchant, { amount: '30' }),
    await makeInvoice(world, merchant, { amount: '40' }),
  ];
  await readTo(world, 'TRC-20', { height: 104 });
  await pay(world, exact, { height: 101 });
  await pay(world, second, { height: 101 });
  await judge();
  await pay(world, second, { height: 102 });
  await pay(world, exact, { height: 102, units: 5n });
  await pay(world, exact, { height: 102, units: 6n, from: wallet.key });
  await pay(world, gone, { height: 104 });
  await judge();
  await readTo(world, 'TRC-20', { height: 120, final: 104 });
  await judge();
  await orphan(103);
  await judge();
  await readTo(world, 'TRC-20', { height: 121, final: 104 });
  await pay(world, pending, { height: 121 });
  await pay(world, exact, { height: 121, units: 7n });
  await match(world);
  await pay(world, exact, { height: 121, units: 8n });
  return { exact, second, gone, pending };
}

describe('transfers', () => {
  test('are each in one category, and these sum to what was received', async () => {
    const { exact, second, gone, pending } = await oneOfEach();
    expect(await categories()).toEqual([
      `settled: 2, ${due(exact) + due(second)}`,
      `confirming: 1, ${due(pending)}`,
      'unjudged: 1, 8',
      'unmatched no_reservation: 2, 12',
      `unmatched second_transfer: 1, ${due(second)}`,
      'ignored self_transfer: 1, 6',
      `reversed: 1, ${due(gone)}`,
    ]);
    const { received, differences, unseen } = await found();
    const all = due(exact) + due(second) + due(pending) + 8n + 12n + due(second) + 6n;
    expect(received).toEqual([{ network: 'TRC-20', asset: 'USDT', transfers: 8, units: String(all) }]);
    expect([differences, unseen]).toEqual([[], 0]);
    expect((await transfers()).map(({ id, category }) => `${id} ${category}`)).toEqual([
      '1 settled',
      '2 settled',
      '3 unmatched',
      '4 unmatched',
      '5 ignored',
      '6 reversed',
      '7 confirming',
      '8 unmatched',
      '9 unjudged',
    ]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that are a part wait for the rest, and settle with it', async () => {
    const { merchant: lenient } = await makeShop(world, { merchant: { remainder: true } });
    const invoice = await makeInvoice(world, lenient, { amount: '100' });
    const part = due(invoice) / 2n;
    await pay(world, invoice, { height: 101, units: part });
    await readTo(world, 'TRC-20', { height: 120, final: 110 });
    await judge();
    expect(await categories({ merchantId: lenient.id })).toEqual([`part: 1, ${part}`]);
    await world.db.updateTable('payments').set({ kind: 'late_part' }).execute();
    expect(await categories({ merchantId: lenient.id })).toEqual([`part: 1, ${part}`]);
    await world.db.updateTable('payments').set({ kind: 'part' }).execute();
    const { units } = await world.db.selectFrom('remainders').select('units').executeTakeFirstOrThrow();
    await pay(world, invoice, { height: 111, units: BigInt(units) });
    await match(world);
    expect(await categories({ merchantId: lenient.id })).toEqual([`confirming: 2, ${part + BigInt(units)}`]);
    await readTo(world, 'TRC-20', { height: 140, final: 130 });
    await judge();
    expect(await categories({ merchantId: lenient.id })).toEqual([`settled: 2, ${part + BigInt(units)}`]);
    expect((await found({ merchantId: lenient.id })).differences).toEqual([]);
  });

  test('that a person has dealt with say so', async () => {
    const invoice = await makeInvoice(world, merchant);
    await pay(world, invoice, { units: 5n });
    await pay(world, invoice, { units: 6n });
    await pay(world, invoice, { units: 7n });
    await judge();
    const resolve = (id: number, how: 'refunded' | 'dismissed') =>
      world.db
        .updateTable('transfers')
        .set({ resolution: how, resolved_at: new Date(world.clock.now()), resolved_by: 'a test' })
        .where('id', '=', id)
        .execute();
    await resolve(1, 'refunded');
    await resolve(2, 'dismissed');
    expect(await categories()).toEqual([
      'refunded no_reservation: 1, 5',
      'dismissed no_reservation: 1, 6',
      'unmatched no_reservation: 1, 7',
    ]);
  });

  test('to an address that two merchants have count once, and for the one who was paid', async () => {
    const account = wallet.key.slice(2);
    const other = await makeMerchant(world);
    await makeWallet(world, other, { account });
    const invoice = await makeInvoice(world, merchant);
    await pay(world, invoice, { height: 100 });
    await pay(world, invoice, { height: 100, units: 9n });
    await match(world);
    await readTo(world, 'TRC-20', { height: 110, final: 100 });
    await settle(world);
    const [settled, unmatched] = [`1, ${due(invoice)}`, 'unmatched no_reservation: 1, 9'];
    expect(await categories()).toEqual([`settled: ${settled}`, unmatched]);
    expect(await categories({ merchantId: merchant.id })).toEqual([`settled: ${settled}`, unmatched]);
    expect(await categories({ merchantId: other.id })).toEqual([
      unmatched,
      `of_another_merchant: ${settled}`,
    ]);
    expect((await found({ merchantId: other.id })).differences).toEqual([]);
  });

  test('of a coin that the wallet was not registered for are among them', async () => {
    const usdc = await makeWallet(world, await makeMerchant(world), { asset: 'USDC' });
    const invoice = await makeInvoice(world, merchant);
    await pay(world, invoice, { units: 3n });
    await world.db.updateTable('transfers').set({ asset: 'USDC' }).execute();
    expect((await found({ merchantId: merchant.id })).received).toEqual([
      { network: 'TRC-20', asset: 'USDC', transfers: 1, units: '3' },
    ]);
    expect(usdc.key).not.toBe(wallet.key);
  });

  test('to the same address on another network are of whose wallet is there', async () => {
    const account = wallet.key.slice(2);
    const other = await makeMerchant(world);
    await makeWallet(world, merchant, { network: 'ERC-20', account });
    await makeWallet(world, other, { network: 'BEP-20', account });
    await readTo(world, 'BEP-20', { height: 100 });
    const invoice = await makeInvoice(world, other, { network: 'BEP-20' });
    await pay(world, invoice, { units: 3n });
    expect(await categories({ merchantId: other.id })).toEqual(['unjudged: 1, 3']);
    expect(await categories({ merchantId: merchant.id })).toEqual([]);
  });

  test('are of the day they were first seen', async () => {
    const invoice = await makeInvoice(world, merchant);
    world.clock.time = Date.parse('2026-10-25T22:59:59Z');
    await pay(world, invoice, { units: 1n });
    world.clock.time = Date.parse('2026-10-25T23:00:00Z');
    await pay(world, invoice, { units: 2n });
    const units = async (timeZone: string) =>
      (await transfers({ timeZone, from: '2026-10-25', to: '2026-10-25' })).map(row => row.units);
    expect(await units('Europe/Berlin')).toEqual(['1']);
    expect(await units('UTC')).toEqual(['1', '2']);
  });
});

describe('the books', () => {
  test('hold a charge for each paid invoice, and what was given back and charged again', async () => {
    const { gone } = await oneOfEach();
    const booked = async () =>
      (await found()).booked.map(({ kind, entries, amount }) => `${kind}: ${entries}, ${amount}`);
    expect(await booked()).toEqual(['commission: 3, -0.60000000', 'commission_reversal: 1, 0.30000000']);
    const [lost] = (await transfers()).filter(({ category }) => category === 'reversed');
    await pay(world, gone, { height: 121, txId: lost!.tx_id });
    await judge();
    expect(await booked()).toEqual([
      'commission: 3, -0.60000000',
      'commission_restored: 1, -0.30000000',
      'commission_reversal: 1, 0.30000000',
    ]);
    expect((await found()).differences).toEqual([]);
  });

  test('are of the days in which they were written, and so are confirmations that nobody has seen', async () => {
    const [gone, unseen] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
    await pay(world, gone, { height: 100 });
    await match(world);
    await readTo(world, 'TRC-20', { height: 110, final: 100 });
    await judge();
    await put(world, unseen, 'confirmed_manually');
    await sql`update invoices set exception = 'unverified_manual' where id = ${unseen.id}`.execute(world.db);
    world.clock.time = Date.parse('2026-01-03T12:00:00Z');
    await orphan(99);
    await judge();
    const of = async (given: Partial<ReportFilter>) => {
      const { booked, unseen } = await found(given);
      return [...booked.map(({ kind, entries }) => `${kind}: ${entries}`), unseen];
    };
    expect(await of({ to: '2026-01-01' })).toEqual(['commission: 2', 1]);
    expect(await of({ from: '2026-01-02' })).toEqual(['commission_reversal: 1', 0]);
  });

  test('of a top-up whose payment is gone differ from nothing', async () => {
    const invoice = await makeInvoice(world, merchant, { topUpUserId: 1 });
    await pay(world, invoice, { height: 100 });
    await match(world);
    await readTo(world, 'TRC-20', { height: 110, final: 100 });
    await judge();
    await orphan(99);
    await judge();
    const { booked, differences } = await found();
    expect(booked.map(({ kind }) => kind)).toEqual(['top_up', 'top_up_reversal']);
    expect(differences).toEqual([]);
  });

  test('count a confirmation that nobody has seen, which differs from nothing', async () => {
    const invoice = await makeInvoice(world, merchant);
    await put(world, invoice, 'confirmed_manually');
    await world.db.updateTable('invoices').set({ exception: 'unverified_manual' }).execute();
    const { unseen, differences, booked } = await found();
    expect([unseen, differences, booked.length]).toEqual([1, [], 1]);
  });
});

describe('a difference', () => {
  const entries = (kind: string) =>
    sql`(select id from journal_entries where invoice_id = 1 and kind = ${kind})`;
  const unguarded = [
    sql`alter table postings disable trigger user`,
    sql`alter table journal_entries disable trigger user`,
  ];
  const faults: [string, string, RawBuilder<unknown>[]][] = [
    [
      'a paid invoice whose payment is gone from the tables',
      'unexplained transfer 1, unpaid invoice 1',
      [sql`delete from payments where invoice_id = 1`],
    ],
    [
      'a paid invoice whose payment was let go',
      'unexplained transfer 1, unpaid invoice 1',
      [sql`update payments set state = 'released', settled_at = null where invoice_id = 1`],
    ],
    [
      'a transfer that counts without a payment',
      'unexplained transfer 4',
      [sql`update transfers set state = 'matched', reason = null, invoice_id = 1 where id = 4`],
    ],
    [
      'an invoice that was set back although its transfer settled it',
      'unexplained transfer 1, unearned invoice 1, booking invoice 1, balance user 1',
      [sql`update invoices set status = 'confirming', ended_at = null where id = 1`],
    ],
    [
      'a transfer to a wallet that is not the one of the invoice',
      'misplaced invoice 1',
      [sql`update invoices set address_key = 'elsewhere' where id = 1`],
    ],
    [
      'a transfer on another network than the invoice',
      'misplaced invoice 1',
      [sql`update transfers set network = 'BEP-20' where id = 1`],
    ],
    [
      'a transfer of another coin than the invoice',
      'misplaced invoice 1',
      [sql`update transfers set asset = 'USDC' where id = 1`],
    ],
    [
      'nothing where a person has said that a transfer of another coin is for the invoice',
      '',
      [
        sql`update transfers set asset = 'USDC' where id = 1`,
        sql`update payments set kind = 'manual' where invoice_id = 1`,
      ],
    ],
    [
      "a commission on another user's account",
      'booking invoice 1',
      [
        ...unguarded,
        sql`insert into users (email, status, created_at) values ('b@example.com', 'Active', '2026-01-01')`,
        sql`insert into accounts (kind, user_id, currency, balance, created_at)
          select 'user_balance', max(id), 'USD', 0, '2026-01-01' from users`,
        sql`update postings set account_id = (select max(id) from accounts)
          where entry_id = ${entries('commission')} and amount < 0`,
      ],
    ],
    [
      'a commission that is no revenue of the operator',
      'booking invoice 1',
      [
        ...unguarded,
        sql`update postings set account_id = (select id from accounts where kind = 'adjustments')
          where entry_id = ${entries('commission')} and amount > 0`,
      ],
    ],
    [
      'a commission that was never charged',
      'booking invoice 1, balance user 1',
      [
        ...unguarded,
        sql`update accounts set balance = balance + 0.1 where user_id = 1`,
        sql`delete from postings where entry_id = ${entries('commission')}`,
        sql`delete from journal_entries where id = ${entries('commission')}`,
      ],
    ],
    [
      'a commission of 10^-8 too much',
      'booking invoice 1',
      [
        ...unguarded,
        sql`update postings set amount = amount + sign(amount) * 0.00000001 where entry_id = ${entries('commission')}`,
      ],
    ],
    [
      'a price that was changed after the charge',
      'booking invoice 1, balance user 1',
      [sql`update invoices set requested_amount = 11 where id = 1`],
    ],
    [
      'a charge for an invoice that is not paid',
      'booking invoice 1, booking invoice 4',
      [...unguarded, sql`update journal_entries set invoice_id = 4 where id = ${entries('commission')}`],
    ],
    [
      'a commission given back although the payment stands',
      'booking invoice 1',
      [
        ...unguarded,
        sql`insert into journal_entries (kind, invoice_id, n, created_at)
          select 'commission_reversal', 1, 1, created_at from journal_entries where id = ${entries('commission')}`,
        sql`insert into postings select ${entries('commission_reversal')}, account_id, -amount from postings
          where entry_id = ${entries('commission')}`,
      ],
    ],
    [
      'a balance that was changed by hand',
      'balance user 1',
      [sql`update accounts set balance = balance + 0.00000001 where user_id = 1`],
    ],
  ];

  afterEach(async () => {
    for (const table of ['postings', 'journal_entries'])
      await sql`alter table ${sql.table(table)} enable trigger user`.execute(world.db);
  });

  test.each(faults)('is %s', async (_, expected, statements) => {
    await oneOfEach();
    for (const statement of statements) await statement.execute(world.db);
    const named = (await found()).differences.map(({ name, subject }) => `${name} ${subject}`);
    expect(named.join(', ')).toBe(expected);
  });

  test('is a credit for a top-up that was not paid', async () => {
    const user = 1;
    const invoice = await makeInvoice(world, merchant, { topUpUserId: user });
    await put(world, invoice, 'confirmed_manually');
    await world.db.updateTable('invoices').set({ exception: 'unverified_manual' }).execute();
    expect((await found()).differences).toEqual([]);
    await sql`update invoices set status = 'cancelled', exception = null`.execute(world.db);
    expect((await found()).differences).toMatchObject([
      {
        name: 'booking',
        subject: 'invoice 1',
        found: '1 top_up, 0 back, 0 again, 0 wrong',
        expected: '0 top_up of 10.00000000 USD, as often back as again',
      },
      { name: 'balance', subject: 'user 1', found: '10.00000000', expected: '0.00000000' },
    ]);
  });

  test('of other days, or of another merchant, is not told', async () => {
    await oneOfEach();
    const other = await makeMerchant(world);
    await sql`update accounts set balance = balance + 1 where user_id = 1`.execute(world.db);
    expect((await found({ merchantId: merchant.id })).differences).toHaveLength(1);
    expect((await found({ merchantId: other.id })).differences).toEqual([]);
    await sql`update accounts set balance = balance - 1 where user_id = 1`.execute(world.db);
    await sql`delete from payments where invoice_id = 1`.execute(world.db);
    const names = async (given: Partial<ReportFilter>) => (await found(given)).differences.length;
    expect(await names({ from: '2026-01-01', to: '2026-01-01' })).toBe(2);
    expect(await names({ from: '2026-01-02' })).toBe(0);
  });

  test('is a category that does not sum to what is on the chain', () => {
    const coin = { network: 'TRC-20', asset: 'USDT' } as const;
    const of = (category: 'settled' | 'reversed', transfers: number, units: string) => ({
      ...coin,
      category,
      reason: null,
      transfers,
      units,
    });
    const total = { ...coin, transfers: 2, units: '30' };
    expect(differingSums([of('settled', 2, '30'), of('reversed', 1, '5')], [total])).toEqual([]);
    expect(differingSums([of('settled', 2, '31')], [total])).toEqual([
      {
        name: 'sum',
        subject: 'USDT TRC-20',
        found: '2 transfers of 31 base units',
        expected: '2 transfers of 30 base units',
      },
    ]);
    expect(differingSums([], [total])).toHaveLength(1);
    expect(differingSums([of('settled', 2, '30')], [])).toHaveLength(1);
  });
});

test('a transfer that was confirmed by hand before its block was read is not on the chain yet', async () => {
  const invoice = await makeInvoice(world, merchant);
  await pay(world, invoice, { height: 100 });
  await match(world);
  await put(world, invoice, 'confirmed_manually', {
    transactionId: (await transfers())[0]!.tx_id,
    payerWallet: keyOn('TRC-20', 'f'.repeat(40)),
    paidAt: world.clock.now(),
  });
  await sql`update payments set state = 'settled', settled_at = created_at`.execute(world.db);
  expect(await categories()).toEqual([`settled: 1, ${due(invoice)}`]);
  await orphan(99);
  world.clock.advance(MINUTE);
  expect(await categories()).toEqual([`off_chain: 1, ${due(invoice)}`]);
  expect((await found()).differences).toEqual([]);
});
