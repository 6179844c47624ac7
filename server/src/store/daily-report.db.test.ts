import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  makeInvoice,
  makeMerchant,
  makeShop,
  makeUser,
  makeWallet,
  methodOf,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { NO_TERMS } from '../domain/commission.ts';
import type { Invoice } from '../domain/invoice.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { type DailyRow, type DayBy, dailyReport } from './daily-report.ts';
import { inSnapshot } from './read-rows.ts';
import { isTimeZone, type ReportFilter } from './report-filter.ts';

const world = useWorld();
let merchant: TestMerchant;
let height = 100;

const everything: ReportFilter = { merchantId: null, userId: null, from: null, to: null, timeZone: 'UTC' };

async function report(given: Partial<ReportFilter> = {}, by: DayBy = 'created'): Promise<DailyRow[]> {
  return inSnapshot(world.db, async tx => {
    const all: DailyRow[] = [];
    for await (const rows of dailyReport(tx, { ...everything, ...given }, by)) all.push(...rows);
    return all;
  });
}

/** Moves the clock, with the chain that keeps up with it. */
async function at(time: number): Promise<void> {
  world.clock.time = time;
  await readTo(world, 'TRC-20', { height: ++height });
}

/** Pays exactly what is due, and lets that become final. */
async function paid(invoice: Invoice): Promise<Invoice> {
  const { network } = methodOf(invoice);
  height += 10;
  await readTo(world, network, { height });
  await pay(world, invoice, { height });
  await match(world);
  height += 10;
  await readTo(world, network, { height, final: height });
  await settle(world);
  return invoice;
}

beforeEach(async () => {
  height = 100;
  world.terms = { ...NO_TERMS, percent: { units: 1n, scale: 0 } };
  ({ merchant } = await makeShop(world));
  await makeWallet(world, merchant, { network: 'BEP-20', asset: 'DAI', digits: 8 });
  await readTo(world, 'BEP-20', { height: 100 });
});

const counts = (row: DailyRow) => [
  row.day,
  row.invoices,
  row.open,
  row.completed,
  row.paid_manually,
  row.expired,
  row.cancelled,
  row.reversed,
];

describe('a row', () => {
  test('counts each invoice once, by what has become of it', async () => {
    const [first, second, third, fourth] = [
      await makeInvoice(world, merchant, { amount: '10' }),
      await makeInvoice(world, merchant, { amount: '20.5' }),
      await makeInvoice(world, merchant, { amount: '0.00000001' }),
      await makeInvoice(world, merchant, { amount: '7' }),
    ];
    await makeInvoice(world, merchant, { amount: '3' });
    await put(world, second, 'cancelled');
    await put(world, third, 'deadline_passed');
    await put(world, fourth, 'confirmed_manually');
    await paid(first);
    const rows = await report();
    expect(rows.map(counts)).toEqual([['2026-01-01', 5, 1, 1, 1, 1, 1, 0]]);
    expect(rows[0]).toMatchObject({
      merchant_id: merchant.id,
      merchant_name: 'A shop',
      network: 'TRC-20',
      asset: 'USDT',
      // 10 + 20.5 + 0.00000001 + 7 + 3, and of that 10 + 7.
      requested: '40.50000001',
      paid: '17.00000000',
      received_units: String(methodOf(first).final.units),
      // 1 % of 10 and of 7.
      commission: '0.17000000',
    });
  });

  test('sums 18 decimals exactly, and keeps coins apart', async () => {
    const dai = { network: 'BEP-20', asset: 'DAI' } as const;
    const invoices = [
      await makeInvoice(world, merchant, { ...dai, amount: '0.00000003' }),
      await makeInvoice(world, merchant, { ...dai, amount: '999999999999999' }),
    ];
    for (const invoice of invoices) await paid(invoice);
    await makeInvoice(world, merchant);
    const rows = await report();
    const units = invoices.reduce((sum, invoice) => sum + methodOf(invoice).final.units, 0n);
    expect(rows.map(({ asset, network, received_units }) => [asset, network, received_units])).toEqual([
      ['DAI', 'BEP-20', String(units)],
      ['USDT', 'TRC-20', '0'],
    ]);
    expect(String(units)).toMatch(/^999999999999999\d{18}$/);
    expect([rows[0]?.requested, rows[0]?.commission]).toEqual([
      '999999999999999.00000003',
      '9999999999999.99000001',
    ]);
  });

  test('of a payment that has left the chain has nothing received, and its commission back', async () => {
    const invoice = await paid(await makeInvoice(world, merchant));
    await orphanAbove(world, 100);
    await settle(world);
    const [row] = await report();
    expect(counts(row!)).toEqual(['2026-01-01', 1, 0, 0, 0, 0, 0, 1]);
    expect(row).toMatchObject({
      received_units: '0',
      paid: '0',
      commission: '0.00000000',
      requested: '10.00000000',
    });
    expect(invoice.id).toBe(1);
    const again = await sql<{ tx_id: string }>`select tx_id from transfers`.execute(world.db);
    await readTo(world, 'TRC-20', { height: ++height });
    await pay(world, invoice, { height, txId: again.rows[0]!.tx_id });
    await settle(world);
    expect(await report()).toMatchObject([
      {
        reversed: 0,
        completed: 1,
        received_units: String(methodOf(invoice).final.units),
        commission: '0.10000000',
      },
    ]);
  });

  test('counts as received only what has settled, and a top-up is no commission', async () => {
    const confirming = await makeInvoice(world, merchant);
    await pay(world, confirming, { height: 100 });
    await match(world);
    expect(await report()).toMatchObject([{ open: 1, received_units: '0' }]);
    await paid(await makeInvoice(world, merchant, { topUpUserId: 1 }));
    const [row] = await report();
    expect([row?.completed, row?.commission]).toEqual([2, '0.10000000']);
  });

  test('of invoices without a coin is in dollars, and has no coin', async () => {
    const page = {
      id: '00000000-0000-4000-8000-000000000001',
      description: null,
      backUrl: null,
      cancelUrl: null,
      lang: null,
    };
    const open = await makeInvoice(world, merchant, { method: null, page, amount: '12' });
    await put(world, open, 'confirmed_manually');
    expect(await report()).toMatchObject([
      {
        network: null,
        asset: null,
        paid_manually: 1,
        requested: '12.00000000',
        received_units: null,
        commission: '0.12000000',
      },
    ]);
  });

  test('is of the day it ended, where that is asked for; open invoices are not there', async () => {
    await at(Date.parse('2026-03-01T23:50:00Z'));
    await makeInvoice(world, merchant);
    const invoice = await makeInvoice(world, merchant);
    await at(Date.parse('2026-03-02T00:10:00Z'));
    await paid(invoice);
    expect((await report()).map(counts)).toEqual([['2026-03-01', 2, 1, 1, 0, 0, 0, 0]]);
    expect((await report({}, 'ended')).map(counts)).toEqual([['2026-03-02', 1, 0, 1, 0, 0, 0, 0]]);
  });
});

describe('a day', () => {
  /** The clocks go back on 25 October 2026 at 3:00: that day has 25 hours, from 22:00 to 23:00 UTC. */
  test('begins and ends at midnight where the time zone says, in the night of the change too', async () => {
    const times = [
      '2026-10-24T21:59:59.999Z',
      '2026-10-24T22:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-25T22:59:59.999Z',
      '2026-10-25T23:00:00Z',
    ];
    for (const time of times) {
      await at(Date.parse(time));
      await makeInvoice(world, merchant);
    }
    const days = async (given: Partial<ReportFilter>) =>
      (await report(given)).map(({ day, invoices }) => `${day}: ${invoices}`);
    const timeZone = 'Europe/Berlin';
    expect(await days({ timeZone })).toEqual(['2026-10-24: 1', '2026-10-25: 4', '2026-10-26: 1']);
    expect(await days({})).toEqual(['2026-10-24: 2', '2026-10-25: 4']);
    expect(await days({ timeZone, from: '2026-10-25', to: '2026-10-25' })).toEqual(['2026-10-25: 4']);
    expect(await days({ timeZone, from: '2026-10-26' })).toEqual(['2026-10-26: 1']);
    expect(await days({ timeZone, to: '2026-10-24' })).toEqual(['2026-10-24: 1']);
  });

  test('is one of a zone that has a full name, and nothing that only looks like one', async () => {
    const names = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'UTC+3', '+03', 'berlin', '', "x' or true", '\0'];
    const known = [];
    for (const name of names) if (await isTimeZone(world.db, name)) known.push(name);
    expect(known).toEqual(['UTC', 'Europe/Berlin', 'Asia/Kolkata']);
  });
});

test('a merchant, or the merchants of a user, may be reported alone', async () => {
  const userId = await makeUser(world);
  const [own, second] = [await makeMerchant(world, { userId }), await makeMerchant(world, { userId })];
  for (const one of [own, second]) {
    await makeWallet(world, one);
    await makeInvoice(world, one);
  }
  await makeInvoice(world, merchant);
  const merchants = async (given: Partial<ReportFilter>) => (await report(given)).map(row => row.merchant_id);
  expect(await merchants({})).toEqual([merchant.id, own.id, second.id]);
  expect(await merchants({ merchantId: own.id })).toEqual([own.id]);
  expect(await merchants({ userId })).toEqual([own.id, second.id]);
  expect(await merchants({ userId, merchantId: merchant.id })).toEqual([]);
});

test('the days of any time zone sum to the whole, whoever was paid what and when', async () => {
  const start = Date.UTC(2026, 9, 23);
  const fate = fc.record({
    hour: fc.integer({ min: 0, max: 95 }),
    cents: fc.integer({ min: 1, max: 10 ** 9 }),
    end: fc.constantFrom('open', 'cancelled', 'deadline_passed', 'confirmed_manually'),
  });
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Pacific/Kiritimati',
    'Asia/Kathmandu',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 12 }), zone, async (fates, timeZone) => {
      const { merchant } = await makeShop(world);
      for (const { hour, cents, end } of fates.toSorted((a, b) => a.hour - b.hour)) {
        await at(start + hour * HOUR);
        const amount = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
        const invoice = await makeInvoice(world, merchant, { amount });
        if (end !== 'open') await put(world, invoice, end);
      }
      const rows = await report({ merchantId: merchant.id, timeZone });
      const sum = (of: (row: DailyRow) => number) => rows.reduce((total, row) => total + of(row), 0);
      const units = (of: (row: DailyRow) => string) =>
        rows.reduce((total, row) => total + BigInt(of(row).replace('.', '').padEnd(1, '0')), 0n);
      const manual = fates.filter(({ end }) => end === 'confirmed_manually');
      const whole = (of: typeof fates) =>
        of.reduce((total, { cents }) => total + BigInt(cents) * 10n ** 6n, 0n);
      expect(sum(row => row.invoices)).toBe(fates.length);
      expect(
        rows.every(
          row =>
            counts(row)
              .slice(2)
              .reduce<number>((a, b) => a + Number(b), 0) === row.invoices,
        ),
      ).toBe(true);
      expect(sum(row => row.paid_manually)).toBe(manual.length);
      expect(units(row => row.requested)).toBe(whole(fates));
      expect(units(row => (row.paid === '0' ? '0.00000000' : row.paid))).toBe(whole(manual));
      expect(units(row => row.commission)).toBe(
        manual.reduce((total, { cents }) => total + BigInt(cents) * 10n ** 4n, 0n),
      );
      expect(rows.map(row => row.day)).toEqual([...new Set(rows.map(row => row.day))].toSorted());
    }),
    { numRuns: 8, seed: 1 },
  );
});
