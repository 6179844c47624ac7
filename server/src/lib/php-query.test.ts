import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJson } from './json-tokens.ts';
import { type PlainValue, phpQuery, plainTree } from './php-query.ts';

type Vector = { name: string; json_body: string; public_key: string; query_string: string };
type Native = { php: string; json_encode: string | false; query_string_after_json_roundtrip: string };
const file = new URL('./fixtures/php-signature-vectors.json', import.meta.url);
const recorded: { vectors: Vector[]; native: Native[] } = JSON.parse(readFileSync(file, 'utf8'));

function query(json: string, apiKey = 'pk'): string {
  const read = readJson(json);
  if (!read.ok) throw new Error(read.fault.text);
  return phpQuery(read.value, apiKey);
}

test.each(recorded.vectors)('signs as PHP 8.2 did: $name', vector => {
  expect(query(vector.json_body, vector.public_key)).toBe(vector.query_string);
});

const encodable = recorded.native.filter(native => native.json_encode !== false);
test.each(encodable)('signs what PHP reads of its own json_encode: $php', native => {
  expect(query(String(native.json_encode), 'pk_test_3f1c9a')).toBe(native.query_string_after_json_roundtrip);
});

test('the recorded vectors are all there', () => {
  expect([recorded.vectors.length, encodable.length]).toEqual([87, 21]);
});

// Seen in PHP 8.2.36.
test.each([
  ['12345678901234.5', '12345678901234'],
  ['12345678901235.5', '12345678901236'],
  ['100000000000005.0', '1.0000000000000E%2B14'],
  ['100000000000015.0', '1.0000000000002E%2B14'],
  ['100000000000095.0', '1.000000000001E%2B14'],
  ['99999999999998.5', '99999999999998'],
  ['1e400', 'INF'],
  ['-1e400', '-INF'],
  ['1.23e-10', '1.23E-10'],
])('the number %s is signed as %s', (lexeme, spelled) => {
  expect(query(`{"n":${lexeme}}`)).toBe(`api_key=pk&n=${spelled}`);
});

test('keys whose comparisons run in a circle come out in the order PHP gives them', () => {
  // 9 < "1e1" as numbers, "1e1" < "1x" and "1x" < "9" as texts. Seen in PHP 8.2.36.
  expect(query('{"1x":1,"9":2,"1e1":3}')).toBe('1x=1&9=2&1e1=3&api_key=pk');
  expect(query('{"9":2,"1e1":3,"1x":1}')).toBe('9=2&1e1=3&1x=1&api_key=pk');
});

test('a body that is no object or array signs as an empty one', () => {
  for (const body of ['{}', '[]', 'null', '1', '"x"', 'true']) expect(query(body)).toBe('api_key=pk');
});

test('values of our own sign as the JSON text made from them', () => {
  const value: fc.Arbitrary<PlainValue> = fc.letrec<{ value: PlainValue }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 5 }),
    ),
  })).value;
  const body = fc.dictionary(fc.string({ unit: 'binary' }), value, { maxKeys: 8 });
  fc.assert(
    fc.property(body, plain => {
      expect(phpQuery(plainTree(plain), 'pk')).toBe(query(JSON.stringify(plain)));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('a webhook of our own signs its nested data in the order given, without nulls', () => {
  const event = {
    event_type: 'paid',
    retry_count: 0,
    data: { id: 32n, wallet: 'T x', payer_wallet: null, a: undefined },
  };
  expect(phpQuery(plainTree(event), 'pk')).toBe(
    'api_key=pk&data%5Bid%5D=32&data%5Bwallet%5D=T+x&event_type=paid&retry_count=0',
  );
});

test('a float of our own is refused, for PHP hosts spell it differently', () => {
  expect(() => plainTree({ amount: 10.5 })).toThrow(RangeError);
  expect(() => plainTree([Number.NaN])).toThrow(RangeError);
  expect(phpQuery(plainTree({ n: -0 }), 'pk')).toBe('api_key=pk&n=0');
});
