import { expect, it } from 'vitest';
import { price, universalTime } from './format.ts';

it.each([
  ['en-US', '45.749', 'EUR', '€45.749'],
  ['de-DE', '1234.50', 'EUR', '1.234,50 €'],
  ['fr-FR', '1234.5', 'USD', '1 234,50 $US'],
  ['en-US', '1000', 'JPY', '¥1,000'],
  ['en-US', '0.00012345', 'BTC', 'BTC 0.00012345'],
  ['ru-RU', '10.50000000', 'USDT', '10,50 USDT'],
  ['en-US', '12345678901234567890.12', 'USD', '$12,345,678,901,234,567,890.12'],
  ['en-US', 'abc', 'USD', 'abc USD'],
  ['en-US', '1', 'not a code', '1.00 not a code'],
] as const)('in %s %s %s is %s', (language, amount, currency, text) => {
  expect(price(language, amount, currency).replace(/[\u00a0\u202f]/g, ' ')).toBe(text);
});

it('tells a time without knowing where the payer is', () => {
  expect(universalTime('de-DE', Date.UTC(2026, 10, 22, 14, 32))).toBe('14:32 UTC');
  expect(universalTime('en-US', Date.UTC(2026, 10, 22, 14, 32)).replace(/\s/g, ' ')).toBe('2:32 PM UTC');
});
