import { expect, test } from 'vitest';
import { providerName } from './provider-name.ts';

const key = '0123456789abcdef0123456789abcdef';

test.each([
  [{ url: `https://eth.example.com/v2/${key}` }, /^eth\.example\.com#[0-9a-f]{8}$/],
  [{ url: `https://${key}.eth.example.com/` }, /^…\.eth\.example\.com#[0-9a-f]{8}$/],
  [{ url: `https://user:${key}@node.example.com:8545/?key=${key}` }, /^node\.example\.com:8545#[0-9a-f]{8}$/],
  [{ url: 'http://127.0.0.1:8545' }, /^127\.0\.0\.1:8545#[0-9a-f]{8}$/],
  [{ url: `not a url ${key}` }, /^unusable#[0-9a-f]{8}$/],
])('a name shows the host and no key: %#', (provider, form) => {
  expect(providerName(provider)).toMatch(form);
  expect(providerName(provider)).not.toContain(key);
});

test('two keys at one host are two providers, and the same one keeps its name', () => {
  const url = 'https://tron.example.com/jsonrpc';
  const [a, b] = ['one', 'two'].map(value => providerName({ url, headers: { 'TRON-PRO-API-KEY': value } }));
  expect(a).not.toBe(b);
  expect(a).toBe(providerName({ url, headers: { 'TRON-PRO-API-KEY': 'one' } }));
});
