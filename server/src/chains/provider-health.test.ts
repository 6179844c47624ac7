import { describe, expect, test } from 'vitest';
import {
  compareHeads,
  type Health,
  lasting,
  noteFailure,
  noteHead,
  noteSuccess,
  quarantine,
  rank,
  standing,
  unknownHealth,
} from './provider-health.ts';

const at = (head: number | null): Health => ({ ...unknownHealth(), head });
const failing = (times: number, now = 0) => {
  const health = unknownHealth();
  for (let i = 0; i < times; i++) noteFailure(health, now);
  return health;
};

describe('the breaker', () => {
  test('opens at the fifth failure in a row, for 30 seconds', () => {
    expect(rank(failing(4), 0)).toBe(0);
    const health = failing(5);
    expect(rank(health, 29_999)).toBe(2);
    expect(standing(health, 0)).toEqual({ state: 'degraded', reason: 'does not answer' });
    expect(rank(health, 30_000)).toBe(0);
  });

  test('half open, one failure closes it again and one success ends it', () => {
    const health = failing(5);
    noteFailure(health, 30_000);
    expect(rank(health, 59_999)).toBe(2);
    noteSuccess(health);
    expect(rank(health, 59_999)).toBe(0);
    noteFailure(health, 60_000);
    expect(rank(health, 60_000)).toBe(0);
  });

  test('a success in between starts the count anew', () => {
    const health = failing(4);
    noteSuccess(health);
    for (let i = 0; i < 4; i++) noteFailure(health, 0);
    expect(rank(health, 0)).toBe(0);
  });
});

describe('a quarantine', () => {
  test('lasts ten minutes, then twice as long each time, a day at most', () => {
    const health = unknownHealth();
    const lengths = Array.from({ length: 10 }, () => {
      quarantine(health, 'forked', 'block 5', 0);
      return health.quarantine!.until / 60_000;
    });
    expect(lengths).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
  });

  test('is shorter again after days on which the provider was believed', () => {
    const health = unknownHealth();
    for (let i = 0; i < 3; i++) quarantine(health, 'forked', 'block 5', 0);
    const day = 24 * 3_600_000;
    const lengthAt = (now: number) => {
      quarantine(health, 'forked', 'block 5', now);
      return (health.quarantine!.until - now) / 60_000;
    };
    // The third one ends after 40 minutes; two whole days of trust take two of three away.
    const later = health.quarantine!.until + 2 * day;
    expect(lengthAt(later)).toBe(20);
    expect(lengthAt(health.quarantine!.until + day - 1)).toBe(40);
    expect(lengthAt(health.quarantine!.until + 30 * day)).toBe(10);
  });

  test('ends by itself', () => {
    const health = unknownHealth();
    quarantine(health, 'contradiction', 'a log of another block', 0);
    expect(standing(health, 0)).toEqual({
      state: 'quarantined',
      reason: 'contradicts itself: a log of another block',
      since: 0,
      until: 600_000,
    });
    expect(lasting(health, 599_999)).not.toBeNull();
    expect(standing(health, 600_000)).toEqual({ state: 'ok' });
  });
});

describe('heads', () => {
  const behind = (heads: (number | null)[], blockTime = 12_000) => {
    const all = heads.map(at);
    compareHeads(all, blockTime);
    return all.map(health => health.behind);
  };

  test('more than three blocks behind the median lag', () => {
    expect(behind([100, 97, 96])).toEqual([0, 0, 0]);
    expect(behind([100, 100, 96])).toEqual([0, 0, 4]);
    expect(behind([100, 100, 97])).toEqual([0, 0, 0]);
  });

  test('of two the further one is the measure', () => {
    expect(behind([100, 90])).toEqual([0, 10]);
  });

  test('one that runs ahead alone makes nobody else lag', () => {
    expect(behind([1_000_000, 100, 99])).toEqual([0, 0, 0]);
  });

  test('on a fast chain five seconds are allowed', () => {
    expect(behind([100, 81], 250)).toEqual([0, 0]);
    expect(behind([100, 79], 250)).toEqual([0, 21]);
  });

  test('of one that did not answer nothing is said', () => {
    expect(behind([100, null])).toEqual([0, 0]);
  });
});

test('time and failures are remembered, the newest most', () => {
  const health = unknownHealth();
  noteHead(health, 5, 100);
  noteHead(health, 6, 200);
  expect(health).toMatchObject({ head: 6, latency: 120 });
  noteFailure(health, 0);
  expect(health.errors).toBeCloseTo(0.2);
  noteSuccess(health);
  expect(health.errors).toBeCloseTo(0.16);
});
