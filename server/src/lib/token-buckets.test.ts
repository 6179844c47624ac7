/** Token buckets: the burst, the way back, and a bounded memory. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

test('a burst is free, then one has to wait for as long as it is said', () => {
  const buckets = new TokenBuckets({ perSecond: 0.5, burst: 3 });
  expect([1, 2, 3].map(() => buckets.take('a', 1000))).toEqual([0, 0, 0]);
  expect(buckets.take('a', 1000)).toBe(2);
  expect(buckets.take('b', 1000)).toBe(0);
  expect(buckets.wait('a', 2999)).toBe(1);
  expect(buckets.take('a', 3000)).toBe(0);
  expect(buckets.take('a', 3000)).toBe(2);
});

test('looking takes nothing, and being refused costs nothing', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
  expect([buckets.wait('a', 0), buckets.wait('a', 0), buckets.take('a', 0)]).toEqual([0, 0, 0]);
  expect([1, 2, 3].map(() => buckets.take('a', 500))).toEqual([1, 1, 1]);
  expect(buckets.take('a', 1000)).toBe(0);
});

test('a clock that steps back takes nothing away and gives nothing', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 2 });
  buckets.take('a', 10_000);
  expect(buckets.take('a', 0)).toBe(0);
  expect(buckets.take('a', 0)).toBe(1);
});

test('never lets through more than the burst and what has come back', () => {
  const steps = fc.array(fc.nat(3000), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 50 }),
      (waits, burst, perSecond) => {
        const buckets = new TokenBuckets({ perSecond, burst });
        let now = 0;
        let taken = 0;
        for (const wait of waits) {
          now += wait;
          const seconds = buckets.take('a', now);
          if (seconds === 0) taken++;
          else expect(buckets.wait('a', now + seconds * 1000)).toBe(0);
        }
        expect(taken).toBeLessThanOrEqual(burst + (now * perSecond) / 1000 + 1e-6);
      },
    ),
  );
});

test('however many keys there are, the latest are kept', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1 }, 100);
  for (let key = 0; key < 10_000; key++) {
    buckets.take(key, 0);
    buckets.take('busy', key);
  }
  expect(buckets.size).toBe(100);
  expect(buckets.wait(9999, 0)).toBe(1);
  expect(buckets.wait(0, 0)).toBe(0);
});
