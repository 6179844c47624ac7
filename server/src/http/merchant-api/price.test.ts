import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import type { AssetCode } from '../../domain/asset.ts';
import { type CurrencySetting, defaultSetting } from '../../domain/currency-state.ts';
import type { Source } from '../../domain/invoice.ts';
import { formatDecimal, formatNumber, parseDecimal, parsePrice } from '../../domain/money.ts';
import { RateBook } from '../../rates/rate-book.ts';
import { currencyRateRoutes } from './currency-rate.ts';
import { InvalidRequest } from './envelope.ts';
import { createAskPrice } from './price.ts';

const NOW = Date.UTC(2026, 3, 25, 12);
const clock = { now: () => NOW };
const decimal = (text: string) => parseDecimal(text)!;

/** A book in which two sources say each of these rates. */
function bookOf(
  rates: Record<string, string | [string, string]>,
  settings: Record<string, Partial<CurrencySetting>> = {},
): RateBook {
  const book = new RateBook({ quorum: 2, sources: new Set(['a', 'b']) });
  const readings = Object.entries(rates).map(([currency, said]) => {
    const [a, b] = typeof said === 'string' ? [said, said] : said;
    const reading = (source: string, rate: string) => ({
      source,
      perUsd: decimal(rate),
      observedAt: NOW,
      fetchedAt: NOW,
    });
    return [currency, [reading('a', a), reading('b', b)]] as const;
  });
  const set = Object.entries(settings).map(
    ([code, changes]) => [code, { ...defaultSetting(code), ...changes }] as const,
  );
  book.learn({ readings: new Map(readings), settings: new Map(set) });
  return book;
}

async function priceOf(
  book: RateBook,
  amount: string,
  currency: string | null,
  more: { cryptocurrency?: AssetCode | null; payerChooses?: boolean } = {},
) {
  const parsed = parsePrice(amount);
  if (!parsed.ok) throw new Error(parsed.fault);
  try {
    const { requested, source } = await createAskPrice({ book, clock })({
      amount: parsed.value,
      currency,
      ...more,
    });
    return { requested: formatDecimal(requested), source };
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors;
    throw error;
  }
}

describe('the price asked for', () => {
  test('in dollars is what it says, and has no source', async () => {
    const book = bookOf({});
    for (const currency of [null, 'USD'])
      expect(await priceOf(book, '15.5', currency)).toEqual({ requested: '15.50000000', source: null });
  });

  test('in another currency is divided by its rate, half up, and keeps where the rate is from', async () => {
    const priced = await priceOf(bookOf({ EUR: '0.93574' }), '45.749', 'EUR');
    expect(priced).toMatchObject({
      // 45.749 / 0.93574 = 48.890717507…
      requested: '48.89071751',
      source: { currency: 'EUR', amount: { units: 4_574_900_000n, scale: 8 } },
    });
    const { source } = priced as { source: Source };
    expect(formatNumber(source.rate)).toBe('0.93574');
    expect(JSON.parse(source.rateOrigin).sources).toHaveLength(2);
  });

  test('rounds a half upwards', async () => {
    expect(await priceOf(bookOf({ EUR: '8' }), '0.00000012', 'EUR')).toMatchObject({
      requested: '0.00000002',
    });
    expect(await priceOf(bookOf({ EUR: '8' }), '0.00000011', 'EUR')).toMatchObject({
      requested: '0.00000001',
    });
  });

  test('in a stablecoin is the same in dollars, inside its band only', async () => {
    expect(await priceOf(bookOf({ DAI: '1.001' }), '7', 'DAI')).toMatchObject({
      requested: '7.00000000',
      source: { currency: 'DAI' },
    });
    expect(await priceOf(bookOf({ DAI: '1.2' }), '7', 'DAI')).toEqual({
      currency: ['Currency DAI is disabled: its market price is too far from one US dollar.'],
    });
  });

  test('to be paid in a native coin needs its rate, at most ten minutes old', async () => {
    const book = bookOf({ ETH: '0.0004' }, { ETH: { enabled: false, spread: { units: 1n, scale: 2 } } });
    // A spread makes the payer send more of it, and whether prices may be in it does not matter.
    const rate = book.coinRate('ETH', NOW);
    expect(rate).toMatchObject({ ok: true, value: { origin: expect.stringContaining('sources') } });
    expect(rate.ok && rate.value && formatNumber(rate.value.perUsd)).toBe('0.000404');
    expect(await priceOf(book, '7', null, { cryptocurrency: 'ETH' })).toMatchObject({
      requested: '7.00000000',
    });
    expect(book.coinRate('ETH', NOW + 11 * 60_000)).toEqual({ ok: false, fault: 'too_old' });
    expect(book.coinRate('USDC', NOW)).toEqual({ ok: true, value: null });
    expect(await priceOf(book, '7', null, { cryptocurrency: 'BNB' })).toEqual({
      cryptocurrency: ['BNB is not accepted at the moment: its rate is not known.'],
    });
    expect(await priceOf(book, '7', null, { cryptocurrency: 'BNB', payerChooses: true })).toMatchObject({
      requested: '7.00000000',
    });
  });

  test('in a currency that is not known, off, or of no sure rate is refused, each in its words', async () => {
    const book = bookOf({ EUR: ['0.8', '1.2'], GBP: '0.75' }, { GBP: { enabled: false } });
    expect(await priceOf(book, '1', 'XXX')).toEqual({ currency: ['Currency is not supported.'] });
    expect(await priceOf(book, '1', 'usd')).toEqual({ currency: ['Currency is not supported.'] });
    expect(await priceOf(book, '1', 'GBP')).toEqual({
      currency: ['Currency GBP is disabled: it is not accepted here.'],
    });
    expect(await priceOf(book, '1', 'EUR')).toEqual({
      currency: ['Currency EUR is disabled: its rate is not known well enough.'],
    });
    expect(await priceOf(book, '1', 'JPY')).toEqual({
      currency: ['Currency JPY is disabled: its rate is not known.'],
    });
  });

  test('that is nothing in dollars, or beyond every price, is refused', async () => {
    const book = bookOf({ VND: '26000', BTC: '0.00001' });
    expect(await priceOf(book, '0.0001', 'VND')).toMatchObject({ amount: [expect.stringMatching(/small/)] });
    expect(await priceOf(book, '99999999999', 'BTC')).toMatchObject({
      amount: [expect.stringMatching(/less than 10\^15/)],
    });
  });

  test('cannot be paid in a coin that has left its band; one nobody speaks of counts as a dollar', async () => {
    const book = bookOf({ USDT: '1.2', USDC: '1' });
    for (const cryptocurrency of [undefined, null, 'USDT'] as const)
      expect(await priceOf(book, '1', null, cryptocurrency === undefined ? {} : { cryptocurrency })).toEqual({
        cryptocurrency: [
          'USDT is not accepted at the moment: its market price is too far from one US dollar.',
        ],
      });
    expect(await priceOf(book, '1', null, { payerChooses: true })).toMatchObject({ source: null });
    expect(await priceOf(book, '1', null, { cryptocurrency: 'USDC' })).toMatchObject({ source: null });
    expect(await priceOf(book, '1', null, { cryptocurrency: 'DAI' })).toMatchObject({ source: null });
    const pinned = bookOf({ USDT: '1.2' }, { USDT: { pinnedRate: decimal('1') } });
    expect(await priceOf(pinned, '1', null)).toMatchObject({ source: null });
  });
});

describe('the list of rates', () => {
  const book = bookOf(
    { EUR: '0.93574', GBP: '0.80534', BYN: '2.52334', PLN: ['3', '4'], USDT: '1.0001' },
    { GBP: { enabled: false } },
  );

  async function get(url: string): Promise<string> {
    const app = Fastify();
    currencyRateRoutes(app, { book, clock });
    const { payload, statusCode } = await app.inject({ url });
    expect(statusCode).toBe(200);
    await app.close();
    return payload;
  }

  test('has what is known, in order, with exact numbers', async () => {
    expect(await get('/currency-rate')).toBe(
      '{"success":true,"data":[' +
        [
          '{"currency":"BYN","rate":2.52334,"status":"enabled"}',
          '{"currency":"EUR","rate":0.93574,"status":"enabled"}',
          '{"currency":"GBP","rate":0.80534,"status":"disabled"}',
          '{"currency":"USD","rate":1,"status":"enabled"}',
          '{"currency":"USDT","rate":1,"status":"enabled"}',
        ].join(',') +
        ']}',
    );
  });

  test.each([
    ['EUR', '{"status":"enabled","rate":0.93574}'],
    ['GBP', '{"status":"disabled","rate":0.80534}'],
    ['PLN', '{"status":"disabled","rate":null}'],
    ['JPY', '{"status":"disabled","rate":null}'],
    ['USD', '{"status":"enabled","rate":1}'],
    ['XXX', '{"status":"not_supported","rate":null}'],
    ['eur', '{"status":"not_supported","rate":null}'],
    ['__proto__', '{"status":"not_supported","rate":null}'],
  ])('tells of %s', async (code, data) => {
    expect(await get(`/currency-rate/${code}/status`)).toBe(`{"success":true,"data":${data}}`);
  });
});
