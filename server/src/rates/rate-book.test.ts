import { describe, expect, test } from 'vitest';
import { type CurrencySetting, defaultSetting } from '../domain/currency-state.ts';
import { type Decimal, formatNumber, parseDecimal } from '../domain/money.ts';
import { RateBook } from './rate-book.ts';

const NOW = Date.UTC(2026, 0, 1);

const decimal = (text: string): Decimal => {
  const read = parseDecimal(text);
  if (!read) throw new Error(`${text} is not a decimal`);
  return read;
};

/** A book that goes by the sources a and b, in which each of `sources` says `rate` of the currency. */
function bookOf(
  currency: string,
  rate: string,
  { sources = ['a', 'b'], ...set }: Partial<CurrencySetting> & { sources?: string[] } = {},
): RateBook {
  const book = new RateBook({ quorum: 2, sources: new Set(['a', 'b']) });
  const reading = { perUsd: decimal(rate), observedAt: NOW, fetchedAt: NOW };
  book.learn({
    readings: new Map([[currency, sources.map(source => ({ ...reading, source }))]]),
    settings: new Map([[currency, { ...defaultSetting(currency), ...set }]]),
  });
  return book;
}

describe('a coin that is paid in', () => {
  const rateOf = (book: RateBook) => {
    const rate = book.coinRateOf('ETH', NOW);
    return rate && formatNumber(rate);
  };

  test('costs what the sources say, whether or not prices may be in it', () => {
    expect(rateOf(bookOf('ETH', '0.0005'))).toBe('0.0005');
    expect(rateOf(bookOf('ETH', '0.0005', { enabled: false }))).toBe('0.0005');
  });

  test('costs the payer the spread on top', () => {
    expect(rateOf(bookOf('ETH', '0.0005', { spread: decimal('0.01') }))).toBe('0.000505');
    expect(rateOf(bookOf('ETH', '1', { spread: decimal('0.01'), pinnedRate: decimal('0.0004') }))).toBe(
      '0.000404',
    );
  });

  test('has no rate by sources that are switched off', () => {
    const book = bookOf('ETH', '0.0005', { sources: ['a', 'off'] });
    expect(book.coinRate('ETH', NOW)).toEqual({ ok: false, fault: 'too_few' });
  });
});

describe('a stablecoin that is paid in', () => {
  const coinRate = (...given: Parameters<typeof bookOf>) => bookOf(...given).coinRate('USDT', NOW);
  const dollar = { ok: true, value: null };
  const off = { ok: false, fault: 'off_peg' };

  test('is a dollar inside its band, or where nobody knows', () => {
    expect(coinRate('USDT', '1.02')).toEqual(dollar);
    expect(coinRate('USDC', '2')).toEqual(dollar);
  });

  test('is none outside of it, also where no prices may be in it', () => {
    expect(coinRate('USDT', '1.1')).toEqual(off);
    expect(coinRate('USDT', '1.1', { enabled: false })).toEqual(off);
  });

  test('is one by the pin, and whatever sources say that are switched off', () => {
    expect(coinRate('USDT', '1.1', { pinnedRate: decimal('1') })).toEqual(dollar);
    expect(coinRate('USDT', '1.1', { sources: ['a', 'off'] })).toEqual(dollar);
  });
});
