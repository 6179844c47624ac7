import { describe, expect, it } from 'vitest';
import { negotiateLanguage } from './language.ts';

describe('the language', () => {
  it.each([
    ['de', 'fr-FR', 'ru', 'de-DE'],
    [null, 'fr-FR', 'ru', 'fr-FR'],
    ['xx', 'yy', 'ru', 'ru-RU'],
    ['de_AT', null, null, 'de-DE'],
    ['ES-419', null, null, 'es-ES'],
    [null, null, 'fr;q=0.3, de-CH;q=0.9, en;q=0.8', 'de-DE'],
    [null, null, 'ja, ru;q=0, es;q=0.1', 'es-ES'],
    [null, null, 'en;q=0.5,fr;q=0.5', 'en-US'],
    [null, null, 'fr;q=NaN, de;q=7, es;level=1;q=0.2', 'es-ES'],
    [null, null, '*', 'en-US'],
    [null, null, ';;,,=', 'en-US'],
    [null, null, `${'x,'.repeat(100_000)}de`, 'en-US'],
    ['constructor', '__proto__', null, 'en-US'],
    [null, null, null, 'en-US'],
  ] as const)('%s, %s, %s gives %s', (query, invoice, header, expected) => {
    expect(negotiateLanguage(query, invoice, header)).toBe(expected);
  });

  it('is the merchant’s where the payer asks for none there is', () => {
    expect(negotiateLanguage(null, null, null, 'ru-RU')).toBe('ru-RU');
    expect(negotiateLanguage('xx', null, 'ja', 'ru-RU')).toBe('ru-RU');
    expect(negotiateLanguage(null, null, 'de', 'ru-RU')).toBe('de-DE');
    expect(negotiateLanguage(null, 'fr-FR', 'de', 'ru-RU')).toBe('fr-FR');
  });
});
