import { expect, it } from 'vitest';
import { splitTail } from './tail.ts';

it.each([
  ['15.053', 2, '15.0', '53'],
  ['15.053', 0, '15.053', ''],
  ['15.053', 4, '1', '5.053'],
  ['15.053', 9, '', '15.053'],
  ['100', 1, '10', '0'],
])('%s with %i digits is %s and %s', (amount, count, head, tail) => {
  expect(splitTail(amount, count)).toEqual({ head, tail });
});
