import { access, constants } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { anvilBinary } from './anvil-binary.ts';

test('the binary of this platform is found and can be executed', async () => {
  await access(anvilBinary(), constants.X_OK);
});

test('a missing package says what to do', () => {
  const other = process.platform === 'darwin' ? 'linux-x64' : 'darwin-x64';
  expect(() => anvilBinary(other)).toThrow(/development dependency; run npm ci/);
});

test('a platform without a binary is named', () => {
  expect(() => anvilBinary('sunos-x64')).toThrow('local chains do not run on sunos-x64');
});
