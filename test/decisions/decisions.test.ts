import { expect, test } from 'vitest';
import { decide } from './decide.ts';

test('pure decisions are as their models have them: a sample of `npm run decisions`', () => {
  for (const { times } of decide(5000, 1)) expect(times).toBe(5000);
});
