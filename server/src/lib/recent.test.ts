/** A bounded memory of keys. */
import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('a key is remembered for its time and no longer', () => {
  const recent = new Recent(1000);
  recent.add('a', 0);
  expect([recent.has('a', 999), recent.has('a', 1000), recent.has('b', 0)]).toEqual([true, false, false]);
  recent.add('a', 5000);
  expect(recent.has('a', 5999)).toBe(true);
});

test('the latest keys are kept', () => {
  const recent = new Recent(1000, 3);
  for (const key of ['a', 'b', 'c', 'a', 'd']) recent.add(key, 0);
  expect(['a', 'b', 'c', 'd'].filter(key => recent.has(key, 0))).toEqual(['a', 'c', 'd']);
});
