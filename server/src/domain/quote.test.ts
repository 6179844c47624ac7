import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chance } from '../../../test/seeded.ts';
import { add, type Decimal, divideHalfUp, formatDecimal, formatNumber, multiply } from './money.ts';
import { quote } from './quote.ts';

/** Both as whole multiples of 10^-20, finer than anything drawn here. */
const fine = ({ units, scale }: Decimal): bigint => units * 10n ** BigInt(20 - scale);

const prices = fc.record({
  requested: fc.bigInt({ min: 1n, max: 10n ** 23n - 1n }).map(units => ({ units, scale: 8 })),
  percent: fc.nat({ max: 999_999 }).map(units => ({ units: BigInt(units), scale: 4 })),
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
        const share = fine(multiply(price.requested, price.percent)) / 100n;
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
      percent: { units: 1n, scale: 0 },
      commissionPayer: row.payer,
      digits: row.digits,
    });
    expect(formatDecimal(quoted.base)).toBe(row.base);
    expect(formatNumber(quoted.commission)).toBe(row.commission);
  });
});

/** What a shop may ask for, in whole numbers. Every step is held against fractions, not against the code's own numbers. */
type Asked = {
  /** 10^-8 of the source currency. */
  amount: bigint;
  /** 10^-18 units of it make one dollar. */
  rate: bigint;
  /** Ten-thousandths of a percent. */
  percent: bigint;
  isPayers: boolean;
  digits: number;
  maxTail: number;
  tail: bigint;
};

function drawAsked(chance: Chance): Asked {
  const upTo = (digits: number) => {
    const high = BigInt(chance.below(2 ** 30)) * 2n ** 60n;
    const number = high + BigInt(chance.below(2 ** 30)) * 2n ** 30n + BigInt(chance.below(2 ** 30));
    return 1n + (number % 10n ** BigInt(digits));
  };
  const maxTail = chance.between(1, 9999);
  return {
    amount: upTo(chance.between(1, 23)),
    rate: upTo(chance.between(9, 26)),
    // Mostly what operators take; now and then anything that may be set.
    percent: BigInt(chance.below(chance.happens(0.7) ? 50_000 : 1_000_000)),
    isPayers: chance.happens(0.5),
    digits: chance.between(2, 8),
    maxTail,
    tail: BigInt(chance.between(1, maxTail)),
  };
}

/** The first rule that the code breaks; null: none. All amounts below are whole 10^-8 of the payment coin. */
function broken({ amount, rate, percent, isPayers, digits, maxTail, tail }: Asked): string | null {
  const requested = divideHalfUp({ units: amount, scale: 8 }, { units: rate, scale: 18 }, 8);
  const quoted = quote({
    requested,
    percent: { units: percent, scale: 4 },
    commissionPayer: isPayers ? 'payer' : 'merchant',
    digits,
  });
  const step = 10n ** BigInt(8 - digits);
  const final = (quoted.base.units + tail) * step;
  const asked = requested.units;
  const taken = quoted.commission.units;
  // amount / rate is amount · 10^18 / rate.
  const above = 2n * (asked * rate - amount * 10n ** 18n);
  if (above > rate || above <= -rate) return 'what is requested is the nearest, halves upwards';
  // The share is asked · percent / 10^6: the commission is the least whole number that is not below it.
  const over = taken * 10n ** 6n - asked * percent;
  if (over < 0n || over >= 10n ** 6n) return 'the commission is its share, rounded up';
  const due = asked + (isPayers ? taken : 0n);
  const rounding = final - tail * step - due;
  if (quoted.base.scale !== digits || rounding < 0n || rounding >= step) return 'the base is rounded up';
  if (final <= asked) return 'the merchant gets more than was asked: the tail';
  if (isPayers && final - taken <= asked)
    return 'the merchant gets what was asked after a commission the payer bears';
  // The bound: asked · (1 + percent) + 10^-8 + (1 + maxTail) · 10^-digits, times 10^6 to be whole.
  const share = isPayers ? asked * percent : 0n;
  const most =
    asked * 10n ** 6n + share + (isPayers ? 10n ** 6n : 0n) + (1n + BigInt(maxTail)) * step * 10n ** 6n;
  return final * 10n ** 6n < most ? null : 'the payer pays less than the bound';
}

describe('from a source currency to the amount due', () => {
  test('every step is exact and inside the bound, over a million draws', () => {
    const chance = new Chance(20_261_122);
    for (let run = 0; run < 1_000_000; run++) {
      const asked = drawAsked(chance);
      const rule = broken(asked);
      if (rule) expect.fail(`${rule}: ${Object.entries(asked).join(' ')}`);
    }
  });
});
