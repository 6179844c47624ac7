import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBalance, formatUsd, parseUsd } from './usd.ts';

describe('dollars', () => {
  test('are read as they are written, exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 23n) + 1n, max: 10n ** 23n - 1n }), amount => {
        expect(parseUsd(formatUsd(amount))).toEqual({ ok: true, value: amount });
      }),
    );
  });

  test.each([
    ['-3.20', -320_000_000n],
    ['50', 5_000_000_000n],
    ['0', 0n],
    ['-0', 0n],
    ['0.000000010', 1n],
  ])('may be %s', (text, amount) => {
    expect(parseUsd(text)).toEqual({ ok: true, value: amount });
  });

  test.each(['', '-', '--1', '+1', '1,5', '$5', '0.000000001', '1000000000000000', '-1e15', 'Infinity'])(
    'are never "%s"',
    text => expect(parseUsd(text).ok).toBe(false),
  );

  test.each([
    [8_599_999_999n, '85.99'],
    [8_500_000_000n, '85.00'],
    [0n, '0.00'],
    [999_999n, '0.00'],
    [-1n, '-0.01'],
    [-1_000_000n, '-0.01'],
    [-1_000_001n, '-0.02'],
    [-320_000_000n, '-3.20'],
  ])('of %s units are shown as %s: rounded down', (amount, text) => {
    expect(formatBalance(amount)).toBe(text);
  });
});
