import { expect, test } from 'vitest';
import { ownOrigins, relyingParty } from './relying-party.ts';

test('passkeys are made for the host of the base URL', () => {
  expect(relyingParty('https://pay.example/shop')).toEqual({
    id: 'pay.example',
    origins: ['https://pay.example'],
  });
});

test('on this machine they are made for localhost, under whatever name it was reached', () => {
  expect(relyingParty('http://127.0.0.1:8080')).toEqual({
    id: 'localhost',
    origins: ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'],
  });
});

test('there are none for an IP address or without https', () => {
  expect(relyingParty('https://192.0.2.1')).toBeNull();
  expect(relyingParty('https://[2001:db8::1]')).toBeNull();
  expect(relyingParty('http://pay.example')).toBeNull();
});

test('no other origin is ours', () => {
  expect(ownOrigins('https://pay.example:8443/x')).toEqual(['https://pay.example:8443']);
});
