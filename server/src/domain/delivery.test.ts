import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterAttempt, isDelivered, schedule } from './delivery.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** As the API document lists them: "Request #2: 30 seconds" and so on. */
const documented = [
  ['#1', 0],
  ['#2', 30 * SECOND],
  ['#3', 2 * MINUTE],
  ['#4', 10 * MINUTE],
  ['#5', 60 * MINUTE],
  ['#6', 2 * HOUR],
  ['#7', 4 * HOUR],
  ['#8', 6 * HOUR],
  ['#9', 12 * HOUR],
  ['#10', 24 * HOUR],
] as const;

describe('the schedule', () => {
  test('is the documented one', () => {
    expect(schedule).toEqual(documented.map(([, wait]) => wait));
  });

  test.each(documented.slice(1))('request %s comes %i ms after the start of the one before', (name, wait) => {
    const number = Number(name.slice(1)) - 1;
    expect(afterAttempt(number - 1, 1_700_000_000_123, 500)).toEqual({
      state: 'open',
      dueAt: 1_700_000_000_123 + wait,
    });
  });

  test('puts the ten requests at their instants when each starts on time', () => {
    const instants = [0];
    for (let number = 0; ; number++) {
      const step = afterAttempt(number, instants.at(-1)!, null);
      if (step.state !== 'open') break;
      instants.push(step.dueAt);
    }
    const minutes = [0, 0.5, 2.5, 12.5, 72.5, 192.5, 432.5, 792.5, 1512.5, 2952.5];
    expect(instants).toEqual(minutes.map(minute => minute * MINUTE));
  });

  test('ends after the tenth', () => {
    expect(afterAttempt(9, 0, 500)).toEqual({ state: 'exhausted' });
    expect(afterAttempt(9, 0, 200)).toEqual({ state: 'delivered' });
  });
});

test('only HTTP 200 delivers', () => {
  fc.assert(
    fc.property(fc.option(fc.integer({ min: 100, max: 599 })), fc.nat({ max: 9 }), (status, number) => {
      expect(isDelivered(status)).toBe(status === 200);
      expect(afterAttempt(number, 0, status).state === 'delivered').toBe(status === 200);
    }),
    { numRuns: 1000 },
  );
  for (const status of [201, 202, 204, 299, 301, 302, 307]) expect(isDelivered(status)).toBe(false);
});
