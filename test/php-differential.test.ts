import { expect, test } from 'vitest';
import { differences, phpVersion } from './php-differential.ts';

test.skipIf(phpVersion() === null)('generated bodies read and sign as in PHP', () => {
  const { found, answers } = differences(5000, 7);
  expect(found).toEqual([]);
  expect(answers.Q).toBeGreaterThan(4000);
  expect(answers.E).toBeGreaterThan(0);
});
