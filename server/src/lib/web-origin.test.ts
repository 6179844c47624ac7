import { describe, expect, test } from 'vitest';
import { checkWebHost, checkWebOrigin } from './web-origin.ts';

describe('an origin', () => {
  test.each([
    ['https://shop.example', 'https://shop.example'],
    ['https://SHOP.example:443', 'https://shop.example'],
    ['HTTPS://shop.example:8443', 'https://shop.example:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://203.0.113.7', 'https://203.0.113.7'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://shop.localhost', 'http://shop.localhost'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ])('%s is %s', (text, origin) => {
    expect(checkWebOrigin(text)).toEqual({ ok: true, value: origin });
  });

  test.each([
    '',
    '*',
    'https://*',
    'https://*.shop.example',
    'https://a%2Ab.example',
    'shop.example',
    '//shop.example',
    'https://shop.example/',
    'https://shop.example/x',
    'https://shop.example?x',
    'https://shop.example#x',
    'https://user@shop.example',
    'https:\\\\shop.example',
    'https:shop.example',
    ' https://shop.example',
    'https://shop.example ',
    "https://shop.example 'self'",
    'https://a;script-src',
    "https://a;default-src'none'",
    'https://a,b.example',
    'https://shop.example\r\nset-cookie:',
    'https://shop.exa\tmple',
    'https://[::1]',
    'https://shop_example',
    'https://shop.example.',
    'https://shop.example:99999',
    'javascript:alert(1)',
    'data:text/html,x',
    'null',
    "'none'",
    'ftp://shop.example',
    'https://',
  ])('is not %j', text => {
    expect(checkWebOrigin(text)).toMatchObject({
      ok: false,
      fault: expect.stringMatching(/^must be an origin/),
    });
  });

  test.each(['http://shop.example', 'http://10.0.0.1', 'http://localhost.example', 'http://127.0.0.2'])(
    'over http is on this machine alone, not %s',
    text => {
      expect(checkWebOrigin(text)).toEqual({
        ok: false,
        fault: 'must be https; http is for localhost alone',
      });
    },
  );
});

describe('a host', () => {
  test.each([
    ['shop.example', 'shop.example'],
    ['SHOP.example:8443', 'shop.example:8443'],
    ['127.0.0.1:3000', '127.0.0.1:3000'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('%s is %s', (text, host) => {
    expect(checkWebHost(text)).toEqual({ ok: true, value: host });
  });

  test.each([
    '',
    '*',
    '*.shop.example',
    'https://shop.example',
    'shop.example/',
    'a@b.example',
    'a b',
    'a;b',
    ':80',
    'a:b',
    '[::1]',
  ])('is not %j', text => {
    expect(checkWebHost(text).ok).toBe(false);
  });
});
