import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, type Decimal, formatNumber, parseDecimal } from './money.ts';
import { judge, type Reading, withSpread, withSpreadOnTop } from './rate.ts';

const NOW = Date.UTC(2026, 3, 25, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const decimal = (text: string): Decimal => parseDecimal(text)!;

/** One reading a source, all fresh unless an age in milliseconds is given. */
const said = (...rates: (string | [string, number])[]): Reading[] =>
  rates.map((given, index) => {
    const [text, age] = typeof given === 'string' ? [given, 0] : given;
    return { source: `s${index}`, perUsd: decimal(text), observedAt: NOW - age, fetchedAt: NOW };
  });

const fiat = (readings: Reading[], quorum = 2) => judge(readings, { kind: 'fiat', now: NOW, quorum });
const coin = (readings: Reading[]) => judge(readings, { kind: 'coin', now: NOW, quorum: 2 });
const stable = (...rates: string[]) => judge(said(...rates), { kind: 'stablecoin', now: NOW, quorum: 2 });

const rateOf = (verdict: ReturnType<typeof judge>) => (verdict.ok ? formatNumber(verdict.rate) : verdict.why);
const offOf = ({ off }: ReturnType<typeof judge>) => off.map(({ source }) => source);

describe('the rate of several sources', () => {
  test.each([
    { rates: ['0.93', '0.94', '1.07'], rate: '0.94', off: ['s2'] },
    { rates: ['75', '76', '0.0133'], rate: '75', off: ['s2'] },
    { rates: ['0.93', '0.94'], rate: '0.935', off: [] },
    { rates: ['1', '1.05'], rate: '1.025', off: [] },
    { rates: ['0.95', '1', '1.05'], rate: '1', off: [] },
    { rates: ['0.95', '1', '1.050000000000000001'], rate: '1', off: ['s2'] },
    { rates: ['0.99', '1', '1.01', '5'], rate: '1.005', off: ['s3'] },
    { rates: ['1', '1.01', '0.0001', '1.02'], rate: '1.005', off: ['s2'] },
  ])('$rates is $rate', ({ rates, rate, off }) => {
    const verdict = fiat(said(...rates));
    expect(rateOf(verdict)).toBe(rate);
    expect(offOf(verdict)).toEqual(off);
    expect(verdict.ok && verdict.counted).toHaveLength(rates.length - off.length);
  });

  test.each([
    { what: 'two that contradict each other', rates: ['0.86', '1.16'] },
    { what: 'two that are a little too far apart', rates: ['0.94', '1'] },
    { what: 'three that all differ', rates: ['1', '2', '3'] },
    { what: 'two against two', rates: ['1', '1', '1.1', '1.1'] },
    { what: 'four that all differ', rates: ['0.1', '1', '10', '100'] },
  ])('is none from $what, and all of them stand apart but the middle one', ({ rates }) => {
    const verdict = fiat(said(...rates));
    expect(rateOf(verdict)).toBe('contradictory');
    expect(verdict.ok || verdict.last).toBeNull();
    expect(verdict.off.length).toBeGreaterThanOrEqual(rates.length - 1);
  });

  test('is none from nobody, from one, and from fewer than the quorum', () => {
    expect(rateOf(fiat([]))).toBe('none');
    expect(rateOf(fiat(said('1')))).toBe('too_few');
    expect(rateOf(fiat(said('1', '1'), 3))).toBe('too_few');
    expect(rateOf(fiat(said('1'), 1))).toBe('1');
  });

  test('names an inverted source as such', () => {
    const { off } = fiat(said('75.5', '76', '0.0132'));
    expect(off).toMatchObject([{ source: 's2', inverted: true }]);
    expect(fiat(said('75.5', '76', '0.5')).off).toMatchObject([{ inverted: false }]);
  });

  test('lies between two of the sources that counted, whatever one of three says', () => {
    const near = fc.integer({ min: 0, max: 20 }).map(step => 1_000_000n + BigInt(step) * 1000n);
    fc.assert(
      fc.property(near, near, fc.bigInt({ min: 1n, max: 10n ** 12n }), (a, b, liar) => {
        const readings = said('1', '1', '1').map((reading, i) => ({
          ...reading,
          perUsd: { units: [a, b, liar][i]!, scale: 6 },
        }));
        const verdict = fiat(readings);
        expect(verdict.ok).toBe(true);
        if (!verdict.ok) return;
        const [low = 0n, high = 0n] = a < b ? [a, b] : [b, a];
        expect(compare(verdict.rate, { units: low, scale: 6 })).toBeGreaterThanOrEqual(0);
        expect(compare(verdict.rate, { units: high, scale: 6 })).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the age of a reading', () => {
  test('of a coin may be ten minutes', () => {
    expect(rateOf(coin(said('2', ['2', 10 * MINUTE])))).toBe('2');
    expect(rateOf(coin(said('2', ['2', 10 * MINUTE + 1])))).toBe('too_old');
  });

  test('of money may be four days, over holidays', () => {
    expect(rateOf(fiat(said(['2', 4 * DAY], ['2', 3 * DAY])))).toBe('2');
    expect(rateOf(fiat(said(['2', 4 * DAY + 1], ['2', 3 * DAY])))).toBe('too_old');
  });

  test('leaves the last agreed rate to be looked at, when there was one', () => {
    const old = fiat(said(['2', 9 * DAY], ['2', 9 * DAY]));
    expect(old.ok || (old.last && formatNumber(old.last))).toBe('2');
    const never = fiat(said(['2', 9 * DAY], ['5', 9 * DAY]));
    expect(never.ok || never.last).toBeNull();
  });

  test('ahead of now does not count, but for a difference between clocks', () => {
    expect(rateOf(fiat(said('2', ['2', -5 * MINUTE])))).toBe('2');
    expect(rateOf(fiat(said('2', ['2', -5 * MINUTE - 1])))).toBe('too_old');
  });
});

describe('a stablecoin', () => {
  test.each([
    ['0.9998', '1.0003'],
    ['1.0308', '1.0309'],
    ['0.97088', '0.97089'],
  ])('at %s and %s for a dollar is a dollar', (...rates) => {
    expect(rateOf(stable(...rates))).toBe('1');
  });

  test.each([
    ['1.031', '1.031'],
    ['0.97087', '0.97087'],
    ['1.25', '1.25'],
  ])('at %s and %s for a dollar is not', (...rates) => {
    expect(rateOf(stable(...rates))).toBe('off_peg');
  });

  test('is one by prices of the last ten minutes', () => {
    const stale = (age: number) => judge(said('1', ['1', age]), { kind: 'stablecoin', now: NOW, quorum: 2 });
    expect(rateOf(stale(10 * MINUTE))).toBe('1');
    expect(rateOf(stale(10 * MINUTE + 1))).toBe('too_old');
  });

  test('of which nobody knows the price is none', () => {
    expect(rateOf(stable('1'))).toBe('too_few');
  });
});

describe('a spread', () => {
  test('makes an invoice cost that much more', () => {
    expect(formatNumber(withSpread(decimal('101'), decimal('0.01')))).toBe('100');
    expect(withSpread(decimal('0.93'), decimal('0'))).toEqual(decimal('0.93'));
  });

  test('makes a payer send that much more of a coin', () => {
    expect(formatNumber(withSpreadOnTop(decimal('0.0005'), decimal('0.01')))).toBe('0.000505');
    expect(formatNumber(withSpreadOnTop(decimal('0.0005'), decimal('0')))).toBe('0.0005');
  });
});
