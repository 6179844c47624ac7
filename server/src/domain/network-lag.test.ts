import { expect, test } from 'vitest';
import { lag, MAX_LAG } from './network-lag.ts';

const now = 1_767_000_000_000;

test('a public network is as far behind as the last block read', () => {
  expect(lag({ scannedAt: now - 40_000, caughtUpAt: now }, now, false)).toBe(40_000);
});

test('a chain that makes blocks on demand is as fresh as the last time its tip was reached', () => {
  expect(lag({ scannedAt: now - 86_400_000, caughtUpAt: now - 3000 }, now, true)).toBe(3000);
});

test('a block ahead of our clock is no lag', () => {
  expect(lag({ scannedAt: now + 5000, caughtUpAt: now }, now, false)).toBe(0);
});

test('new invoices are refused from half an hour on', () => {
  expect(MAX_LAG).toBe(30 * 60 * 1000);
});
