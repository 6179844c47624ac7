/** Binance, symbol price ticker, on the host for public data. It trades against USDT rather than the dollar. */
import { field, itemsOf, readJsonAnswer, textOf } from './json-answer.ts';
import { marketRows, type PairPrice, splitPair } from './market.ts';
import { perUsd } from './per-usd.ts';
import { MARKET_PACE, type RateSource } from './source.ts';

/** Coins and the euro; of fiat pairs that are no longer traded, Binance goes on telling the last price. */
const SYMBOLS = ['BTC', 'ETH', 'LTC', 'TRX', 'BNB', 'TON', 'SOL', 'POL', 'AVAX', 'EUR'].map(
  code => `${code}USDT`,
);

export const binance: RateSource = {
  name: 'binance',
  origin: 'https://data-api.binance.vision',
  path: `/api/v3/ticker/price?symbols=${encodeURIComponent(JSON.stringify(SYMBOLS))}`,
  every: MARKET_PACE,
  read(body, fetchedAt) {
    const root = readJsonAnswer(body);
    if (!root.ok) return root;
    const one = field(root.value, 'symbol') === undefined ? [] : [root.value];
    const prices = [...itemsOf(root.value), ...one].flatMap((ticker): PairPrice[] => {
      const pair = splitPair(textOf(field(ticker, 'symbol')));
      return pair ? [{ ...pair, price: textOf(field(ticker, 'price')), observedAt: fetchedAt }] : [];
    });
    return perUsd('USD', marketRows(prices), fetchedAt);
  },
};
