import { readFileSync } from 'node:fs';
import { verifyWebhook } from '@cryptoscan/sdk';
import { expect, test } from 'vitest';
import { readForm } from '../../lib/form.ts';
import { type JsonNode, readJson } from '../../lib/json-tokens.ts';
import { plainTree } from '../../lib/php-query.ts';
import { ambiguity, bodySignature, sameSecret } from './signature.ts';

type Recorded = { call: string; auth: 'signature' | 'private-key'; request: string };
const file = new URL('./fixtures/php-client-requests.json', import.meta.url);
const recorded: { public_key: string; private_key: string; requests: Recorded[] } = JSON.parse(
  readFileSync(file, 'utf8'),
);

function read(json: string): JsonNode {
  const body = readJson(json);
  if (!body.ok) throw new Error(body.fault.text);
  return body.value;
}

function authenticates({ auth, request }: Recorded): boolean {
  const [head = '', body = ''] = request.split('\r\n\r\n');
  const header = (name: string) =>
    head
      .split('\r\n')
      .flatMap(line => (line.startsWith(`${name}: `) ? line.slice(name.length + 2) : []))[0] ?? '';
  expect(header('public-key')).toBe(recorded.public_key);
  if (auth === 'private-key') return sameSecret(header('private-key'), recorded.private_key);
  return sameSecret(
    header('signature'),
    bodySignature(read(body), header('public-key'), recorded.private_key),
  );
}

test('of the 22 requests recorded from the PHP client all but the one with 1e15 authenticate', () => {
  const refused = recorded.requests.filter(request => !authenticates(request)).map(({ call }) => call);
  expect(recorded.requests).toHaveLength(22);
  expect(refused).toEqual(['invoiceCreate 1e15']);
});

test('of those, only the amount of 15 digits is ambiguous', () => {
  const found = recorded.requests.flatMap(({ call, request }) => {
    const fault = ambiguity(read(request.split('\r\n\r\n')[1] ?? ''));
    return fault ? [[call, fault.field]] : [];
  });
  expect(found).toEqual([['invoiceCreate 123456789.123456', 'amount']]);
});

test("the signature is the one the vendor's own test suite expects", () => {
  const body = { id: 1, wallet: 'TsdfsdfFDSGFHFGDGBFDGFG', final_amount: '10.5', requested_amount: '10.3' };
  expect(bodySignature(plainTree(body), 'public', 'private')).toBe(
    '4a746311f8d20da3c0d432ecd36bcf3fb17d501ab3c301bc2610ab0171baa5be',
  );
});

test('a webhook signed here is verified by the published client', async () => {
  const data = {
    id: 33,
    wallet: 'T~ x',
    cryptocurrency: null,
    network: null,
    final_amount: '10.007',
    requested_amount: '10.00000000',
    status: 'expired',
    client_reference_id: 'ref 1/é',
    metadata: "a=b&c'[]😀",
    created_at: 1678991717,
    expire_at: 1678993517,
  };
  const event = { event_type: 'expired', retry_count: 3, data };
  const keys = { publicKey: 'public_1', privateKey: 'private_1' };
  const signature = bodySignature(plainTree(event), keys.publicKey, keys.privateKey);
  const headers = { 'public-key': keys.publicKey, signature };
  expect(await verifyWebhook(JSON.stringify(event), headers, keys)).toEqual({ ok: true, event });
});

// Each pair carries one signature; the second of each must be refused.
test.each([
  ['{"amount":1}', '{"amount":true}', 'amount'],
  ['{"amount":2}', '{"amount":1,"amount":2}', 'amount'],
  ['{"amount":1}', '{"amount":1,"api_key":"other"}', 'api_key'],
  ['{"amount":1}', '{"amount":1,"data":[]}', 'data'],
  ['{"amount":1}', '{"amount":1,"data":{"a":{}}}', 'data'],
  ['{"data[id]":1}', '{"data":{"id":1}}', 'data'],
  ['{"data":{"id":1}}', '{"data[id]":1}', 'data[id]'],
  ['{"amount":123456789012.12}', '{"amount":123456789012.121}', 'amount'],
  ['{"amount":1.0e14}', '{"amount":100000000000000.01}', 'amount'],
  ['{"0":"a"}', '["a"]', 'body'],
  ['{}', '"x"', 'body'],
])('%s and %s sign alike, so the second is refused', (plain, odd, field) => {
  expect(bodySignature(read(plain), 'pk', 'sk')).toBe(bodySignature(read(odd), 'pk', 'sk'));
  expect(ambiguity(read(odd))).toEqual({
    field,
    text: expect.stringMatching(/^(This field|The body) .+\.$/),
  });
});

test('a dot in a name is refused too', () => {
  expect(ambiguity(read('{"a.b":1}'))?.field).toBe('a.b');
  expect(ambiguity(read('{"a]":1}'))?.field).toBe('a]');
});

test.each([
  ...['{}', '[]', '{"a":null,"b":""}', '{"amount":10.0}', '{"amount":"123456789012.12345678"}'],
  ...['{"amount":12345678.123456}', '{"amount":0.00000000000012345678901234}', '{"amount":1.0e-5}'],
  ...['{"amount":-12345678901234000}', '{"id":10000000000000000000000}'],
])('%s can be read in one way only', body => {
  expect(ambiguity(read(body))).toBeNull();
});

test('a form with a field given twice is refused like JSON', () => {
  const form = readForm('amount=1&amount=2');
  expect(form.ok && ambiguity(form.value)?.field).toBe('amount');
});

test('counting the digits of a long number takes no quadratic time', () => {
  expect(ambiguity(read(`{"amount":1${'0'.repeat(500_000)}1}`))?.field).toBe('amount');
});

test('secrets compare equal only when they are, whatever their lengths', () => {
  expect(sameSecret('a', 'a')).toBe(true);
  for (const other of ['', 'b', 'aa', 'A']) expect(sameSecret('a', other)).toBe(false);
});
