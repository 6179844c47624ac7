import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chance } from '../../../test/seeded.ts';
import { add, type Decimal, divideHalfUp, formatDecimal, formatNumber, multiply } from './money.ts';
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

/** What a shop may ask for, in whole numbers: every step is checked against fractions, not against the code's own. */
type Asked = {
  /** 10^-8 of the source currency. */
  amount: bigint;
  /** 10^-18 units of it make one dollar. */
  rate: bigint;
  /** Millionths. */
  fee: bigint;
  isPayers: boolean;
  digits: number;
  tail: bigint;
};

function drawAsked(chance: Chance): Asked {
  const upTo = (digits: number) => {
    const high = BigInt(chance.below(2 ** 30)) * 2n ** 60n;
    const number = high + BigInt(chance.below(2 ** 30)) * 2n ** 30n + BigInt(chance.below(2 ** 30));
    return 1n + (number % 10n ** BigInt(digits));
  };
  return {
    amount: upTo(chance.between(1, 23)),
    rate: upTo(chance.between(9, 26)),
    fee: BigInt(chance.below(100_001)),
    isPayers: chance.happens(0.5),
    digits: chance.between(2, 8),
    tail: BigInt(chance.between(1, 999)),
  };
}

/** The first rule that the code breaks; null: none. */
function broken({ amount, rate, fee, isPayers, digits, tail }: Asked): string | null {
  const requested = divideHalfUp({ units: amount, scale: 8 }, { units: rate, scale: 18 }, 8);
  // amount / rate in units of 10^-8 is amount · 10^18 / rate.
  const above = 2n * (requested.units * rate - amount * 10n ** 18n);
  if (above > rate || above <= -rate) return 'what is requested is the nearest, halves upwards';
  const quoted = quote({
    requested,
    fee: { units: fee, scale: 6 },
    commissionPayer: isPayers ? 'payer' : 'merchant',
    digits,
  });
  const share = requested.units * fee;
  const over = quoted.commission.units * 10n ** 6n - share;
  if (over < 0n || over >= 10n ** 6n) return 'the commission is its share, rounded up';
  const due = requested.units + (isPayers ? quoted.commission.units : 0n);
  const step = 10n ** BigInt(8 - digits);
  const rounding = quoted.base.units * step - due;
  if (quoted.base.scale !== digits || rounding < 0n || rounding >= step) return 'the base is rounded up';
  const final = { units: quoted.base.units + tail, scale: digits };
  if (final.units * step < requested.units + tail * step) return 'the merchant gets what was asked';
  if (final.units - tail !== quoted.base.units) return 'the tail is exact';
  return null;
}

describe('from a source currency to the amount due', () => {
  test('every step is exact, over a million draws', () => {
    const chance = new Chance(20_261_122);
    for (let run = 0; run < 1_000_000; run++) {
      const asked = drawAsked(chance);
      const rule = broken(asked);
      if (rule) expect.fail(`${rule}: ${Object.entries(asked).join(' ')}`);
    }
  });
});
