/** The second version of the signature against a value worked out by hand, and what its header may look like. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isTimely, readSignatureV2, signatureV2 } from './signature-v2.ts';

const sent = { method: 'POST', path: '/api/v1/invoice?a=%20', body: Buffer.from('{"amount":1}') };
const at = { time: '1700000000', nonce: 'n-1' };

describe('what is signed', () => {
  test('is each part on a line of its own', () => {
    const digest = createHash('sha256').update('{"amount":1}').digest('hex');
    const text = `v2\nPOST\n/api/v1/invoice?a=%20\n1700000000\nn-1\n${digest}`;
    const byHand = createHmac('sha256', 'private').update(text).digest('hex');
    expect(signatureV2('private', sent, at)).toBe(byHand);
    // Fixed, so that the text cannot change in both places unnoticed: made by `openssl dgst -sha256 -hmac private`.
    expect(byHand).toBe('70706f79707a3e2f9568a00ea99624ded3ebab2a3107424b26a9ff1ad94c869f');
  });

  test('leaves nothing out', () => {
    const right = signatureV2('private', sent, at);
    const twins = [
      signatureV2('privat', sent, at),
      signatureV2('private', { ...sent, method: 'PUT' }, at),
      signatureV2('private', { ...sent, path: '/api/v1/invoice' }, at),
      signatureV2('private', { ...sent, path: '/api/v1/invoice?a= ' }, at),
      signatureV2('private', { ...sent, body: Buffer.from('{"amount":1} ') }, at),
      signatureV2('private', { ...sent, body: Buffer.from('{"amount":1.0}') }, at),
      signatureV2('private', sent, { ...at, time: '1700000001' }),
      signatureV2('private', sent, { ...at, nonce: 'n-2' }),
    ];
    expect(twins).not.toContain(right);
    expect(new Set(twins).size).toBe(twins.length);
  });
});

describe('the header', () => {
  const hex = 'aB'.repeat(32);

  test('has three parts in their order', () => {
    const signature = hex.toLowerCase();
    expect(readSignatureV2(`t=1700000000,n=Zm9v+/=._~-,v1=${hex}`)).toEqual({
      time: '1700000000',
      nonce: 'Zm9v+/=._~-',
      signature,
    });
  });

  test.each([
    '',
    't=1,n=a',
    `n=a,t=1,v1=${hex}`,
    `t=1,n=a,v1=${hex},v1=${hex}`,
    `t=1,t=2,n=a,v1=${hex}`,
    `t=1, n=a, v1=${hex}`,
    `t=-1,n=a,v1=${hex}`,
    `t=1e9,n=a,v1=${hex}`,
    `t=1.5,n=a,v1=${hex}`,
    `t=${'1'.repeat(13)},n=a,v1=${hex}`,
    `t=1,n=,v1=${hex}`,
    `t=1,n=${'a'.repeat(129)},v1=${hex}`,
    `t=1,n=a b,v1=${hex}`,
    `t=1,n=é,v1=${hex}`,
    `t=1,n=a\n,v1=${hex}`,
    `t=1,n=a,v1=${hex.slice(1)}`,
    `t=1,n=a,v1=${hex}0`,
    `t=1,n=a,v1=${'g'.repeat(64)}`,
    `t=1,n=a,v1=${hex}\n`,
  ])('%j is none', header => {
    expect(readSignatureV2(header)).toBeNull();
  });
});

test('a time counts for five minutes either way', () => {
  const signed = { ...at, signature: '' };
  const seconds = 1_700_000_000;
  for (const [now, good] of [
    [-300.001, false],
    [-300, true],
    [0, true],
    [300, true],
    [300.001, false],
  ] as const)
    expect([now, isTimely(signed, (seconds + now) * 1000)]).toEqual([now, good]);
});
