/** What the reference page puts on a request, by the published client's own signing. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { phpQuery } from '../../../../../sdk/src/php-query.ts';
import { hmac, toBytes, toHex } from '../../../../../sdk/src/sign.ts';
import { readSignatureV2, signatureV2 } from '../../merchant-api/signature-v2.ts';
import { type Keys, type Signing, signRequest, withoutSecret } from './sign-request.ts';

const signing: Signing = {
  phpQuery,
  hmac: (secret, message) => hmac(toBytes(secret), toBytes(message)),
  sha256: async message => createHash('sha256').update(message).digest(),
  toBytes,
  toHex,
};
const keys: Keys = { publicKey: 'public_1', privateKey: 'private_1', auth: 'signature' };
const moment = { time: 1_700_000_000, nonce: '5f0e' };
const json: Record<string, string> = { 'Content-Type': 'application/json' };
const to = { url: 'https://pay.example.com/api/v1/invoice?a=%20b', method: 'POST' };
const hmacOf = (query: string) => createHmac('sha256', 'private_1').update(query).digest('hex');

describe('a signature', () => {
  test.each([
    ['no body', {}, undefined, undefined, 'api_key=public_1'],
    [
      'JSON',
      json,
      '{ "b": "x y~",\n "amount": "1.50" }',
      '{"b":"x y~","amount":"1.50"}',
      'amount=1.50&api_key=public_1&b=x+y%7E',
    ],
    [
      'a form',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'b=x%20y&a=1',
      'b=x%20y&a=1',
      'a=1&api_key=public_1&b=x+y',
    ],
  ])('is over what is sent: %s', async (_, headers, body, sent, query) => {
    const signed = await signRequest({ ...to, headers, body }, keys, signing, moment);
    const expected = { ...headers, 'public-key': 'public_1', signature: hmacOf(query) };
    expect(signed).toEqual({ ...to, headers: expected, body: sent });
  });

  test.each([
    ['a number with a fraction', '{"amount":1.5}', /as text/],
    ['a list', '{"a":["1"]}', /as text/],
    ['no object', '[]', /JSON object/],
    ['no JSON', '{', /not valid JSON/],
  ])('is not made of %s', async (_, body, message) => {
    await expect(signRequest({ ...to, headers: json, body }, keys, signing, moment)).rejects.toThrow(message);
  });
});

test.each(['{"amount":1.5}', undefined])(
  'a signature of version 2 is the one the server makes: %s',
  async body => {
    const request = { ...to, headers: json, body };
    const { headers } = await signRequest(request, { ...keys, auth: 'signature-v2' }, signing, moment);
    const read = readSignatureV2(headers['signature-v2'] ?? '')!;
    const sent = { method: 'POST', path: '/api/v1/invoice?a=%20b', body: Buffer.from(body ?? '') };
    expect(read.signature).toBe(signatureV2('private_1', sent, { time: '1700000000', nonce: '5f0e' }));
    expect(read).toMatchObject({ time: '1700000000', nonce: '5f0e' });
  },
);

test('the private key is sent where that is the setting, and never shown', async () => {
  const request = { ...to, headers: json, body: '{"amount":1.5}' };
  const proved = await signRequest(request, { ...keys, auth: 'private-key' }, signing, moment);
  expect(proved).toEqual({
    ...request,
    headers: { ...json, 'public-key': 'public_1', 'private-key': 'private_1' },
  });
  expect(JSON.stringify(withoutSecret(proved))).not.toContain('private_1');
  expect(withoutSecret(request)).toBe(request);
});

test.each([{ publicKey: '' }, { privateKey: '' }])('without keys nothing is sent', async missing => {
  const signed = signRequest({ ...to, headers: {} }, { ...keys, ...missing }, signing, moment);
  await expect(signed).rejects.toThrow(/Enter/);
});
