import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  ceilTo,
  compare,
  type Decimal,
  divideHalfUp,
  floorTo,
  formatAmount,
  formatDecimal,
  formatNumber,
  halfUpTo,
  multiply,
  parseDecimal,
  parsePrice,
  rescale,
} from './money.ts';

const RUNS = { numRuns: 3000 };

const decimals = fc.record({ units: fc.bigInt({ min: 0n, max: 10n ** 32n }), scale: fc.nat({ max: 18 }) });
const scales = fc.nat({ max: 20 });

/** Both as whole multiples of 10^-40, finer than anything drawn here: what the functions are held against. */
const fine = ({ units, scale }: Decimal): bigint => units * 10n ** BigInt(40 - scale);

describe('reading a decimal', () => {
  test('says back what it read', () => {
    fc.assert(
      fc.property(decimals, decimal => {
        expect(parseDecimal(formatDecimal(decimal))).toEqual(decimal);
      }),
      RUNS,
    );
  });

  test('takes an exponent as a shift of the point, without rounding', () => {
    fc.assert(
      fc.property(decimals, fc.integer({ min: -20, max: 20 }), (decimal, exponent) => {
        const read = parseDecimal(`${formatDecimal(decimal)}e${exponent}`);
        const shifted =
          exponent >= 0
            ? { ...decimal, units: decimal.units * 10n ** BigInt(exponent) }
            : { ...decimal, scale: decimal.scale - exponent };
        expect(read && fine(read)).toBe(fine(shifted));
      }),
      RUNS,
    );
  });

  test.each(['15.00', '1e2', '1E+2', '1.5e-3', '007', '0', '0.0'])('reads %s', text => {
    expect(Number(formatDecimal(parseDecimal(text)!))).toBe(Number(text));
  });

  test.each([
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '.5',
    '5.',
    '1,5',
    '1_000',
    '0x10',
    'NaN',
    'Infinity',
    '1e309',
    '1e-309',
    '1e',
    'e5',
    '1e5.5',
    '1.2.3',
    '١٢',
    '1\n',
    '9'.repeat(41),
  ])('does not take %j for a number', text => {
    expect(parseDecimal(text)).toBeNull();
  });
});

describe('reading a price', () => {
  test.each([
    ['0.00000001', 1n],
    ['1.000000000000', 100_000_000n],
    ['1e-8', 1n],
    ['15', 1_500_000_000n],
    ['999999999999999.99999999', 10n ** 23n - 1n],
  ])('takes %s', (text, units) => {
    expect(parsePrice(text)).toEqual({ ok: true, value: { units, scale: 8 } });
  });

  test.each([
    ['0', 'must be greater than 0.'],
    ['0.000', 'must be greater than 0.'],
    ['0.000000001', 'must have at most 8 decimals.'],
    ['10.123456789', 'must have at most 8 decimals.'],
    ['1e-9', 'must have at most 8 decimals.'],
    ['1000000000000000', 'must be less than 10^15.'],
    ['1e15', 'must be less than 10^15.'],
    ['1e309', 'must be a number.'],
    ['NaN', 'must be a number.'],
    ['-1', 'must be a number.'],
    ['0x10', 'must be a number.'],
    ['1,5', 'must be a number.'],
    ['', 'must be a number.'],
  ])('refuses %s', (text, fault) => {
    expect(parsePrice(text)).toEqual({ ok: false, fault });
  });
});

describe('rounding', () => {
  test('downwards is the nearest that is not above', () => {
    fc.assert(
      fc.property(decimals, scales, (decimal, scale) => {
        const floor = floorTo(decimal, scale);
        const step = 10n ** BigInt(40 - scale);
        expect(floor.scale).toBe(scale);
        expect(fine(floor) <= fine(decimal) && fine(decimal) < fine(floor) + step).toBe(true);
      }),
      RUNS,
    );
  });

  test('upwards is the nearest that is not below', () => {
    fc.assert(
      fc.property(decimals, scales, (decimal, scale) => {
        const ceiling = ceilTo(decimal, scale);
        const step = 10n ** BigInt(40 - scale);
        expect(ceiling.scale).toBe(scale);
        expect(fine(ceiling) - step < fine(decimal) && fine(decimal) <= fine(ceiling)).toBe(true);
      }),
      RUNS,
    );
  });

  test('to the nearest takes a half upwards', () => {
    fc.assert(
      fc.property(decimals, scales, (decimal, scale) => {
        const rounded = halfUpTo(decimal, scale);
        const step = 10n ** BigInt(40 - scale);
        const above = 2n * (fine(rounded) - fine(decimal));
        expect(rounded.scale).toBe(scale);
        expect(-step < above && above <= step).toBe(true);
      }),
      RUNS,
    );
    expect(halfUpTo({ units: 125n, scale: 2 }, 1)).toEqual({ units: 13n, scale: 1 });
    expect(halfUpTo({ units: 124n, scale: 2 }, 1)).toEqual({ units: 12n, scale: 1 });
  });

  test('by rescale is refused', () => {
    expect(rescale({ units: 1230n, scale: 3 }, 2)).toEqual({ units: 123n, scale: 2 });
    expect(() => rescale({ units: 1234n, scale: 3 }, 2)).toThrow('1.234 has more than 2 decimals');
  });
});

describe('arithmetic', () => {
  test('adds, multiplies and compares exactly at any two scales', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const product = multiply(a, b);
        expect(fine(add(a, b))).toBe(fine(a) + fine(b));
        expect(product.units * 10n ** BigInt(80 - product.scale)).toBe(fine(a) * fine(b));
        expect(compare(a, b)).toBe(fine(a) < fine(b) ? -1 : fine(a) > fine(b) ? 1 : 0);
      }),
      RUNS,
    );
  });

  test('divides to the nearest, halves upwards, at any two scales', () => {
    fc.assert(
      fc.property(decimals, decimals, scales, (a, b, scale) => {
        fc.pre(b.units > 0n);
        const quotient = divideHalfUp(a, b, scale);
        // 2·(q·b − a) lies in (−b, b] in units of the last digit.
        const unit = 10n ** BigInt(scale);
        const above = 2n * (quotient.units * fine(b) - fine(a) * unit);
        expect(quotient.scale).toBe(scale);
        expect(-fine(b) < above && above <= fine(b)).toBe(true);
      }),
      RUNS,
    );
    expect(divideHalfUp({ units: 1n, scale: 0 }, { units: 8n, scale: 0 }, 2)).toEqual({
      units: 13n,
      scale: 2,
    });
    expect(() => divideHalfUp({ units: 1n, scale: 0 }, { units: 0n, scale: 3 }, 2)).toThrow('zero');
  });

  test('holds numbers equal whatever their scale', () => {
    expect(compare({ units: 10n, scale: 1 }, { units: 1n, scale: 0 })).toBe(0);
  });
});

describe('writing', () => {
  test('keeps every decimal of the scale', () => {
    expect(formatDecimal({ units: 650_000_000n, scale: 8 })).toBe('6.50000000');
    expect(formatDecimal({ units: 5n, scale: 8 })).toBe('0.00000005');
    expect(formatDecimal({ units: 0n, scale: 2 })).toBe('0.00');
    expect(formatDecimal({ units: 7n, scale: 0 })).toBe('7');
  });

  test.each([
    [125_690_000n, 6, '125.69'],
    [10_007_000n, 6, '10.007'],
    [10_000_000n, 6, '10.00'],
    [10_100_000n, 6, '10.10'],
    [1n, 18, '0.000000000000000001'],
    [7n, 0, '7.00'],
    [75n, 1, '7.50'],
  ])('an amount due of %s at scale %s is %s', (units, scale, text) => {
    expect(formatAmount({ units, scale })).toBe(text);
  });

  test('an amount due has at least two decimals and no needless zero after them', () => {
    fc.assert(
      fc.property(decimals, decimal => {
        const text = formatAmount(decimal);
        expect(text).toMatch(/^(0|[1-9]\d*)\.\d\d(\d*[1-9])?$/);
        expect(fine(parseDecimal(text)!)).toBe(fine(decimal));
      }),
      RUNS,
    );
  });

  test('a number is as short as can be', () => {
    fc.assert(
      fc.property(decimals, decimal => {
        const text = formatNumber(decimal);
        expect(text).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(fine(parseDecimal(text)!)).toBe(fine(decimal));
      }),
      RUNS,
    );
  });
});
