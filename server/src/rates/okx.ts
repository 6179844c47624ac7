/** OKX, index tickers: `instId` is base and quote with a dash between, `idxPx` the price, `ts` milliseconds. */
import { fail } from '../lib/result.ts';
import { field, itemsOf, readJsonAnswer, textOf, timeOf } from './json-answer.ts';
import { marketRows, type PairPrice } from './market.ts';
import { perUsd } from './per-usd.ts';
import { MARKET_PACE, type RateSource } from './source.ts';

export const okx: RateSource = {
  name: 'okx',
  origin: 'https://www.okx.com',
  path: '/api/v5/market/index-tickers?quoteCcy=USD',
  every: MARKET_PACE,
  read(body, fetchedAt) {
    const root = readJsonAnswer(body);
    if (!root.ok) return root;
    const code = textOf(field(root.value, 'code'));
    if (code !== '0') return fail(`it answered the code ${code.slice(0, 20) || 'none'}`);
    const prices = itemsOf(field(root.value, 'data')).flatMap((ticker): PairPrice[] => {
      const [base, quote, more] = textOf(field(ticker, 'instId')).split('-');
      const observedAt = timeOf(field(ticker, 'ts'), 'milliseconds');
      if (!base || !quote || more !== undefined || Number.isNaN(observedAt)) return [];
      return [{ base, quote, price: textOf(field(ticker, 'idxPx')), observedAt }];
    });
    return perUsd('USD', marketRows(prices), fetchedAt);
  },
};
