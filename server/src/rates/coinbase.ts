/** Coinbase, exchange rates of version 2: how much of everything one unit of `data.currency` is, as strings. */
import { entriesOf, field, readJsonAnswer, textOf } from './json-answer.ts';
import { perUsd } from './per-usd.ts';
import { MARKET_PACE, type RateSource } from './source.ts';

export const coinbase: RateSource = {
  name: 'coinbase',
  origin: 'https://api.coinbase.com',
  path: '/v2/exchange-rates?currency=USD',
  every: MARKET_PACE,
  read(body, fetchedAt) {
    const root = readJsonAnswer(body);
    if (!root.ok) return root;
    const data = field(root.value, 'data');
    const hub = textOf(field(data, 'currency'));
    const rows = entriesOf(field(data, 'rates')).map(([currency, rate]) => ({
      currency,
      units: textOf(rate),
      per: '1',
      observedAt: fetchedAt,
    }));
    return perUsd(hub, rows, fetchedAt);
  },
};
