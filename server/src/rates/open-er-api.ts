/** open.er-api.com, rates by exchangerate-api.com: daily, units per `base_code`. It asks for a visible attribution. */
import { fail } from '../lib/result.ts';
import { entriesOf, field, readJsonAnswer, textOf, timeOf } from './json-answer.ts';
import { perUsd } from './per-usd.ts';
import { type RateSource, TABLE_PACE } from './source.ts';

export const openErApi: RateSource = {
  name: 'open-er-api',
  origin: 'https://open.er-api.com',
  path: '/v6/latest/USD',
  every: TABLE_PACE,
  read(body, fetchedAt) {
    const root = readJsonAnswer(body);
    if (!root.ok) return root;
    if (textOf(field(root.value, 'result')) !== 'success') return fail('it did not answer with success');
    const hub = textOf(field(root.value, 'base_code'));
    const observedAt = timeOf(field(root.value, 'time_last_update_unix'), 'seconds');
    if (Number.isNaN(observedAt)) return fail('it has no date');
    const rows = entriesOf(field(root.value, 'rates')).map(([currency, rate]) => ({
      currency,
      units: textOf(rate),
      per: '1',
      observedAt,
    }));
    return perUsd(hub, rows, fetchedAt);
  },
};
