/** Where a payer may be sent. */
import { expect, test } from 'vitest';
import { isRedirectUrl } from './redirect-url.ts';

test.each([
  'https://shop.example/order/1042?a=b#c',
  'http://shop.example:8080',
  'HTTPS://SHOP.EXAMPLE/',
  'https://bücher.example/@user',
])('%s is such an address', url => {
  expect(isRedirectUrl(url)).toBe(true);
});

test.each([
  'https://shop.example@evil.example/',
  'https://:secret@evil.example/',
  'https://shop:secret@evil.example/',
  'https://shop.example\\@evil.example/',
  'https://shop.example/\\evil',
  'https:\\\\evil.example/',
  'https:/evil.example/',
  'https:evil.example',
  'https:///evil.example/',
  '//evil.example/',
  '/order/1042',
  'javascript:alert(1)',
  'javascript://https://shop.example/%0aalert(1)',
  'data:text/html,x',
  'ftp://shop.example/',
  ' https://shop.example/',
  'https://shop.example/ ',
  'https://shop.example/a b',
  'https://shop.example/\u0085',
  'java\nscript:alert(1)',
  'https://shop.example/\t',
  'https://shop.example:99999/',
  'https://',
  '',
])('%j is none', url => {
  expect(isRedirectUrl(url)).toBe(false);
});
