import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, type Decimal, formatDecimal, formatNumber, multiply } from './money.ts';
import { quote } from './quote.ts';

/** Both as whole multiples of 10^-20, finer than anything drawn here. */
const fine = ({ units, scale }: Decimal): bigint => units * 10n ** BigInt(20 - scale);

const prices = fc.record({
  requested: fc.bigInt({ min: 1n, max: 10n ** 23n - 1n }).map(units => ({ units, scale: 8 })),
  fee: fc.nat({ max: 100_000 }).map(millionths => ({ units: BigInt(millionths), scale: 6 })),
  commissionPayer: fc.constantFrom('payer' as const, 'merchant' as const),
  digits: fc.integer({ min: 2, max: 8 }),
});

describe('the amount due', () => {
  test('is never less than was asked, nor a whole last digit more', () => {
    fc.assert(
      fc.property(prices, price => {
        const { requested, commission, base } = quote(price);
        const due = price.commissionPayer === 'payer' ? add(requested, commission) : requested;
        const lastDigit = 10n ** BigInt(20 - price.digits);
        expect(base.scale).toBe(price.digits);
        expect(fine(base) >= fine(due) && fine(base) < fine(due) + lastDigit).toBe(true);
        expect(fine(base) >= fine(price.requested)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  test('holds a commission that is never less than its share, nor 10^-8 more', () => {
    fc.assert(
      fc.property(prices, price => {
        const { commission } = quote(price);
        const share = fine(multiply(price.requested, price.fee));
        expect(commission.scale).toBe(8);
        expect(fine(commission) >= share && fine(commission) < share + 10n ** 12n).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  test('leaves what was asked as it was asked', () => {
    fc.assert(
      fc.property(prices, price => {
        expect(quote(price).requested).toEqual(price.requested);
      }),
    );
  });

  test.each([
    { asked: 1_000_000_000n, payer: 'payer' as const, digits: 2, base: '10.10', commission: '0.1' },
    { asked: 1_000_000_000n, payer: 'merchant' as const, digits: 2, base: '10.00', commission: '0.1' },
    { asked: 1_000_000_001n, payer: 'merchant' as const, digits: 2, base: '10.01', commission: '0.10000001' },
    {
      asked: 5_380_526_186n,
      payer: 'merchant' as const,
      digits: 4,
      base: '53.8053',
      commission: '0.53805262',
    },
    { asked: 1n, payer: 'payer' as const, digits: 3, base: '0.001', commission: '0.00000001' },
  ])('of $asked units at one percent by the $payer, $digits digits, is $base', row => {
    const quoted = quote({
      requested: { units: row.asked, scale: 8 },
      fee: { units: 1n, scale: 2 },
      commissionPayer: row.payer,
      digits: row.digits,
    });
    expect(formatDecimal(quoted.base)).toBe(row.base);
    expect(formatNumber(quoted.commission)).toBe(row.commission);
  });
});
