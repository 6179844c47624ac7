import { expect, test } from 'vitest';
import { answerOf, shownHeaders } from './webhook-answer.ts';

test('the private key is not among the headers that are written down', () => {
  const shown = shownHeaders({ 'public-key': 'public_a', 'private-key': 'private_b', signature: 'c' });
  expect(JSON.parse(shown)).toEqual([
    ['public-key', 'public_a'],
    ['private-key', '(hidden)'],
    ['signature', 'c'],
  ]);
  expect(shown).not.toContain('private_b');
});

test('an answer and a fault are told apart, and neither holds what the database cannot', () => {
  const headers: [string, string][] = [['x', 'a\0b']];
  expect(answerOf({ kind: 'response', status: 500, headers, body: '\0', truncated: false })).toEqual({
    status: 500,
    headers: '[["x","a\\u0000b"]]',
    body: '\uFFFD',
    error: null,
  });
  expect(answerOf({ kind: 'error', class: 'dns', message: 'no' })).toEqual({
    status: null,
    headers: null,
    body: null,
    error: 'dns: no',
  });
});
