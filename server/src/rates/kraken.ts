/** Kraken, public ticker. docs.kraken.com: result by Kraken's own pair name (`XXBTZUSD`), `c[0]` the last price. */
import { fail } from '../lib/result.ts';
import { entriesOf, field, itemsOf, readJsonAnswer, textOf } from './json-answer.ts';
import { marketRows, type PairPrice, splitPair } from './market.ts';
import { perUsd } from './per-usd.ts';
import { MARKET_PACE, type RateSource } from './source.ts';

const PAIRS = [
  'XBTUSD',
  'ETHUSD',
  'LTCUSD',
  'TRXUSD',
  'SOLUSD',
  'AVAXUSD',
  'USDTUSD',
  'USDCUSD',
  'DAIUSD',
  'EURUSD',
  'GBPUSD',
  'AUDUSD',
  'USDCAD',
  'USDCHF',
  'USDJPY',
];

export const kraken: RateSource = {
  name: 'kraken',
  origin: 'https://api.kraken.com',
  path: `/0/public/Ticker?pair=${PAIRS.join(',')}`,
  every: MARKET_PACE,
  read(body, fetchedAt) {
    const root = readJsonAnswer(body);
    if (!root.ok) return root;
    const error = itemsOf(field(root.value, 'error'))[0];
    if (error !== undefined) return fail(`it answered an error: ${textOf(error).slice(0, 100)}`);
    const prices = entriesOf(field(root.value, 'result')).flatMap(([name, ticker]): PairPrice[] => {
      const pair = splitPair(name, currencyOf);
      const price = textOf(itemsOf(field(ticker, 'c'))[0]);
      return pair ? [{ ...pair, price, observedAt: fetchedAt }] : [];
    });
    return perUsd('USD', marketRows(prices), fetchedAt);
  },
};

/** Kraken's older assets have four letters with X or Z in front (`XETH`, `ZEUR`), and bitcoin is XBT. */
function currencyOf(asset: string): string {
  const bare = /^[XZ]...$/.test(asset) ? asset.slice(1) : asset;
  return bare === 'XBT' ? 'BTC' : bare;
}
