import { describe, expect, test } from 'vitest';
import { doubtsOf } from './php/ambiguous.ts';
import { phpVersion } from './php/php.ts';
import { anyBody, type Body, seeded } from './php-bodies.ts';
import { differences } from './php-differential.ts';

const [count, seed] = [6000, 7];

test.skipIf(phpVersion() === null)('generated bodies read, sign and are refused as in PHP', async () => {
  const { found, answers } = await differences(count, seed);
  expect(found).toEqual([]);
  expect(answers.signed).toBeGreaterThan(count * 0.8);
  expect(answers.scalar).toBeGreaterThan(0);
  expect(answers.unreadable).toBeGreaterThan(0);
  expect(answers.refused).toBeGreaterThan(count / 4);
  expect(answers.signed - answers.refused).toBeGreaterThan(count / 10);
});

/** Every spelling that PHP and JavaScript are known to read differently, by how it is seen in a body. */
const traps: Record<string, RegExp> = {
  'a whole number with a decimal': /:\s*10\.0\b/,
  'an exponent': /:\s*1\.0e-5\b/,
  'an exponent without a fraction': /:\s*1e14\b/,
  'a whole number of 16 digits': /:\s*1000000000000000\b/,
  'more digits than 14': /:\s*123456789\.123456\b/,
  'minus zero, whole and not': /:\s*-0\b(?!\.).*|:\s*-0\.0\b/,
  'a whole number beyond 64 bits': /:\s*9223372036854775808\b/,
  'a number too large for a float': /:\s*1e309\b/,
  'null, true and false': /:\s*null\b.*:\s*(true|false)\b|:\s*(true|false)\b.*:\s*null\b/s,
  'an empty array': /:\s*\[\]/,
  'an empty object': /:\s*\{\}/,
  'a list of lists': /^\s*\[\s*\[/,
  'an object in an object': /:\s*\{\s*"/,
  'a space, a tilde and a star in a text': /:\s*"[^"]*[ ~*]/,
  'a key that is a whole number': /[{,]\s*"-?[1-9]\d*"\s*:/,
  'a key that only looks like a number': /[{,]\s*"(1\.5|1e1| 1|007)"\s*:/,
  'keys whose order differs in UTF-16': /"ﬁ".*"😀"|"😀".*"ﬁ"/s,
  'a bracket in a key': /[{,]\s*"[^"]*[[\]][^"]*"\s*:/,
  'an escaped slash': /\\\//,
  'an escaped surrogate pair': /\\u[dD]83[dD]\\u[dD][c-fC-F]/,
  'half a surrogate pair': /\\u[dD]83[dD](?!\\u[dD][c-fC-F])|\\ud[8c]00/,
  'a byte that is no UTF-8': /\uFFFD/,
  'a byte order mark': /^\uFEFF/,
  'a body field api_key': /"api_key"\s*:/,
  'a nesting that PHP still reads': /^(\[{510}|(\{"a":){510})/,
  'a nesting that PHP refuses': /^(\[{513}|(\{"a":){513})/,
};

const formTraps: Record<string, RegExp> = {
  'a field in brackets': /%5B[^=&]*%5D=/,
  'a plus and a %20': /\+.*%20|%20.*\+/s,
  'a dot in a name': /(^|&)a\.b=/,
  'half a character': /%C3(&|$)/,
  'a NUL in a name': /(^|&)[^=&]*%00/,
};

describe('the generated bodies', () => {
  const random = seeded(seed);
  const bodies = Array.from({ length: count }, () => anyBody(random));
  const texts = (kind: Body['kind']) =>
    bodies.filter(body => body.kind === kind).map(one => one.bytes.toString());
  const [json, forms] = [texts('json'), texts('form')];

  test.each(Object.entries(traps))('hold %s', (_, seen) => {
    expect(json.some(text => seen.test(text))).toBe(true);
  });

  test.each(Object.entries(formTraps))('of forms hold %s', (_, seen) => {
    expect(forms.some(text => seen.test(text))).toBe(true);
  });

  test('hold more keys than PHP sorts without sampling', () => {
    expect(json.some(text => text.split('":').length > 1024 && text.startsWith('{'))).toBe(true);
  });
});

test.each([
  ['{}', []],
  [' [ ] ', []],
  ['{"amount":10.5,"metadata":null,"client_reference_id":"a.b[c]"}', []],
  ['{"a":12345678901234000000,"b":0.00012345678901234}', []],
  ['[1]', ['list']],
  ['{"a[b]":1}', ['name']],
  ['{"a\\u002eb":1}', ['name']],
  ['{"a":1,"\\u0061":2}', ['double']],
  ['{"api_key":null}', ['api_key']],
  ['{"a":[]}', ['nested']],
  ['{"a":{"a":1,"b":true,"c":1.23456789012345}}', ['nested']],
  ['{"a":"true","b":false}', ['boolean']],
  ['{"a":-1.23456789012345e2}', ['digits']],
])('what %s could be taken for twice: %j', (json, doubts) => {
  expect([...doubtsOf(json)]).toEqual(doubts);
});
