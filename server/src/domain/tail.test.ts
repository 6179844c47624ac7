import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chance } from '../../../test/seeded.ts';
import { drawTail, isOpen, tailWindows } from './tail.ts';

const tails = fc
  .record({ max: fc.integer({ min: 1, max: 1200 }), fill: fc.double({ min: 0, max: 1, noNaN: true }) })
  .chain(({ max, fill }) =>
    fc.record({
      max: fc.constant(max),
      held: fc.integer().map(seed => {
        const chance = new Chance(seed);
        // The low windows fill first, as they do in production; some draws fill all evenly.
        const low = chance.happens(0.5) ? Math.ceil(max * fill) : max;
        return new Set(upTo(low).filter(() => chance.happens(low === max ? fill : 0.7)));
      }),
    }),
  );

const upTo = (max: number): number[] => Array.from({ length: max }, (_, index) => index + 1);

/** The rule in the words of the contract: the smallest of 64, 128, 256, 512, max of which less than half is held. */
function windowByRule(max: number, held: ReadonlySet<number>): number {
  for (const size of [64, 128, 256, 512]) {
    if (size < max && [...held].filter(tail => tail <= size).length < size / 2) return size;
  }
  return max;
}

describe('drawing a tail', () => {
  test('takes each free one of the window for exactly one number of chance', () => {
    fc.assert(
      fc.property(tails, ({ max, held }) => {
        const window = windowByRule(max, held);
        const free = upTo(window).filter(tail => !held.has(tail));
        const drawn = free.map((_, rank) =>
          drawTail(max, held, n => {
            expect(n).toBe(free.length);
            return rank;
          }),
        );
        expect(drawn).toEqual(free);
      }),
      { numRuns: 300 },
    );
  });

  test('stays in 1..max and takes none that is held', () => {
    fc.assert(
      fc.property(tails, fc.integer(), ({ max, held }, seed) => {
        const chance = new Chance(seed);
        const tail = drawTail(max, held, n => chance.below(n));
        if (tail === null) expect(held.size).toBe(max);
        else expect(tail >= 1 && tail <= max && !held.has(tail)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('goes on to the next window at exactly half of one', () => {
    const last = (n: number) => n - 1;
    expect(drawTail(999, new Set(upTo(31)), last)).toBe(64);
    expect(drawTail(999, new Set(upTo(32)), last)).toBe(128);
    expect(drawTail(999, new Set(upTo(63)), last)).toBe(128);
    expect(drawTail(999, new Set(upTo(64)), last)).toBe(256);
    expect(drawTail(999, new Set(upTo(128)), last)).toBe(512);
    expect(drawTail(999, new Set(upTo(256)), last)).toBe(999);
    expect(drawTail(999, new Set(upTo(900)), last)).toBe(999);
  });

  test('counts only what is held inside a window', () => {
    const above = new Set(upTo(999).filter(tail => tail > 64));
    expect(drawTail(999, above, n => n - 1)).toBe(64);
  });

  test('answers null when all are held', () => {
    expect(drawTail(3, new Set([1, 2, 3]), () => 0)).toBeNull();
    expect(drawTail(999, new Set(upTo(999)), () => 0)).toBeNull();
    expect(drawTail(3, new Set([1, 3]), () => 0)).toBe(2);
  });

  test('takes a chance outside its range for the bug that it is', () => {
    expect(() => drawTail(10, new Set(), n => n)).toThrow('outside its range');
  });
});

test('the windows of a wallet end with its own maximum', () => {
  expect(tailWindows(1)).toEqual([1]);
  expect(tailWindows(64)).toEqual([64]);
  expect(tailWindows(65)).toEqual([64, 65]);
  expect(tailWindows(999)).toEqual([64, 128, 256, 512, 999]);
});

test('a window is open while less than half of it is held', () => {
  expect(isOpen(4, new Set([1]))).toBe(true);
  expect(isOpen(4, new Set([1, 2]))).toBe(false);
  expect(isOpen(4, new Set([5, 6, 7]))).toBe(true);
  expect(isOpen(5, new Set([1, 2]))).toBe(true);
  expect(isOpen(1, new Set())).toBe(true);
});

describe('10,000 draws', () => {
  test('fall evenly on the free tails', () => {
    const chance = new Chance(20260101);
    const held = new Set([1, 2, 3, 5, 8, 13, 21, 34, 55, 60, 61, 62, 63, 64]);
    const count = new Map<number, number>();
    for (let i = 0; i < 10_000; i++) {
      const tail = drawTail(999, held, n => chance.below(n))!;
      count.set(tail, (count.get(tail) ?? 0) + 1);
    }
    const free = upTo(64).filter(tail => !held.has(tail));
    const expected = 10_000 / free.length;
    const chiSquare = free.reduce(
      (sum, tail) => sum + ((count.get(tail) ?? 0) - expected) ** 2 / expected,
      0,
    );
    expect([...count.keys()].sort((a, b) => a - b)).toEqual(free);
    // 49 degrees of freedom: one fair source in a thousand is above 85.35.
    expect(chiSquare).toBeLessThan(85.35);
  });

  test('tell nothing of the next one, while the last eight are held', () => {
    const chance = new Chance(7);
    const drawn: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      drawn.push(drawTail(999, new Set(drawn.slice(-8)), n => chance.below(n))!);
    }
    // A tail that is held cannot come again at once, which by itself makes about -1/63.
    for (const lag of [1, 2, 3, 7]) expect(Math.abs(correlation(drawn, lag))).toBeLessThan(0.05);
  });
});

/** Pearson's correlation of a sequence with itself, `lag` places later. */
function correlation(sequence: readonly number[], lag: number): number {
  const mean = sequence.reduce((sum, value) => sum + value, 0) / sequence.length;
  const off = sequence.map(value => value - mean);
  const variance = off.reduce((sum, value) => sum + value * value, 0);
  return off.slice(lag).reduce((sum, value, index) => sum + value * (off[index] ?? 0), 0) / variance;
}
