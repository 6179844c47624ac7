import { describe, expect, it } from 'vitest';
import { parseCidrs } from './address-guard.ts';
import { checkWebhookUrl } from './webhook-url.ts';

const loopback = parseCidrs(['127.0.0.0/8']);
const allow = loopback.ok ? loopback.value : [];

const loopbackSpellings = [
  'http://127.0.0.1',
  'http://127.1',
  'http://2130706433',
  'http://0x7f000001',
  'http://0177.0.0.1',
  'http://127.0.0.1.',
  'http://[::ffff:127.0.0.1]',
  'http://[64:ff9b::7f00:1]',
  'http://[2002:7f00:1::]',
  'http://①②⑦.⓪.⓪.①',
  'http://%31%32%37.0.0.1',
  'http://localhost',
  'http://localhost.',
  'http://LOCALHOST:8080/x',
  'http://shop.localhost',
  'https://127.0.0.1:8443/hook?a=b',
];

describe('checkWebhookUrl', () => {
  it.each(loopbackSpellings)('refuses %s, unless the operator allows loopback addresses', url => {
    expect(checkWebhookUrl(url, [])).toEqual({ ok: false, fault: expect.stringContaining('points to') });
    expect(checkWebhookUrl(url, allow)).toMatchObject({ ok: true });
  });

  it.each([
    ['http://[::1]', /loopback/],
    ['http://[::]', /unspecified/],
    ['http://[fd00::1]', /private/],
    ['http://169.254.169.254/latest/meta-data', /link-local/],
    ['http://100.64.0.1', /carrier/],
    ['http://0.0.0.0', /unspecified/],
    ['http://10.0.0.1', /private/],
    ['http://[fe80::1%25eth0]', /valid/],
    ['http://[example.com]', /valid/],
    ['http://256.0.0.1', /valid/],
    ['http://shop.test:99999', /valid/],
    ['http://', /valid/],
    ['shop.test/hook', /valid/],
    ['', /valid/],
    ['file:///etc/passwd', /begin with/],
    ['gopher://shop.test/', /begin with/],
    ['ftp://shop.test/', /begin with/],
    ['javascript:alert(1)', /begin with/],
    ['http://a@127.0.0.1', /user name/],
    ['https://shop:secret@shop.test/', /user name/],
    ['https://:secret@shop.test/', /password/],
    [' https://shop.test', /spaces/],
    ['https://shop.test/\nhook', /spaces/],
    ['https://shop.test/\0', /spaces|control/],
    [`https://shop.test/${'a'.repeat(2048)}`, /longer/],
  ])('refuses %s with the reason', (url, reason) => {
    expect(checkWebhookUrl(url, allow)).toEqual({ ok: false, fault: expect.stringMatching(reason) });
  });

  it.each([
    'https://shop.test/hook?order=1',
    'http://shop.test:8081',
    'https://93.184.216.34:444/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.test/',
    'http://shop',
    'http://localhost.shop.test',
    'http://notlocalhost/',
  ])('takes %s: names are judged when they are resolved', url => {
    const checked = checkWebhookUrl(url, []);
    expect(checked.ok && checked.value.href).toBe(new URL(url).href);
  });
});
