import { describe, expect, test } from 'vitest';
import { commissionOf, isRefused, NO_PERCENT, parsePercent, usdOf } from './commission.ts';
import { formatNumber } from './money.ts';

describe('a percent', () => {
  test.each([
    ['0', '0'],
    ['0.5', '0.5'],
    ['1.2345', '1.2345'],
    ['1.23450', '1.2345'],
    ['99.9999', '99.9999'],
    ['1e-4', '0.0001'],
  ])('may be %s', (text, read) => {
    const percent = parsePercent(text);
    expect(percent.ok && formatNumber(percent.value)).toBe(read);
  });

  test.each([
    ['100', 'must be less than 100'],
    ['0.00001', 'must have at most 4 decimals'],
    ['-1', 'must be a number from 0 to less than 100'],
    ['1,5', 'must be a number from 0 to less than 100'],
    ['1%', 'must be a number from 0 to less than 100'],
    ['', 'must be a number from 0 to less than 100'],
    ['NaN', 'must be a number from 0 to less than 100'],
  ])('is never "%s"', (text, fault) => {
    expect(parsePercent(text)).toEqual({ ok: false, fault });
  });
});

describe('the commission', () => {
  test.each([
    ['10', '1', '0.1'],
    ['10', '0.5', '0.05'],
    ['53.80526186', '1', '0.53805262'],
    ['0.00000001', '0.0001', '0.00000001'],
    ['999999999999999.99999999', '99.9999', '999999000000000'],
    ['10', '0', '0'],
  ])('of %s at %s percent is %s', (requested, percent, commission) => {
    const [whole = '', fraction = ''] = requested.split('.');
    const asked = { units: BigInt(whole + fraction.padEnd(8, '0')), scale: 8 };
    const read = parsePercent(percent);
    expect(read.ok && formatNumber(commissionOf(asked, read.value))).toBe(commission);
  });

  test('is in dollars, in the units of the books', () => {
    expect(usdOf({ units: 123_456_789n, scale: 8 })).toBe(123_456_789n);
    expect(usdOf({ units: 15n, scale: 1 })).toBe(150_000_000n);
  });
});

describe('a new invoice', () => {
  const one = { units: 1n, scale: 0 };
  test.each([
    ['below the limit', one, -1n, 0n, true],
    ['at the limit', one, 0n, 0n, false],
    ['without a limit', one, -(10n ** 20n), null, false],
    ['that costs nothing', NO_PERCENT, -1n, 0n, false],
    ['within a credit', one, -5n, -10n, false],
  ])('of a balance %s', (_, percent, balance, limit, refused) => {
    expect(isRefused({ percent, balance }, limit)).toBe(refused);
  });
});
