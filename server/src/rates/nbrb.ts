/** National Bank of Belarus, official rates: `Cur_OfficialRate` Belarusian roubles for `Cur_Scale` units. */
import { fail } from '../lib/result.ts';
import { dayOf } from './day.ts';
import { field, itemsOf, readJsonAnswer, textOf } from './json-answer.ts';
import { perUsd, type Row } from './per-usd.ts';
import { type RateSource, TABLE_PACE } from './source.ts';

export const nbrb: RateSource = {
  name: 'nbrb',
  origin: 'https://api.nbrb.by',
  path: '/exrates/rates?periodicity=0',
  every: TABLE_PACE,
  read(body, fetchedAt) {
    const root = readJsonAnswer(body);
    if (!root.ok) return root;
    const rows: Row[] = [];
    for (const item of itemsOf(root.value)) {
      const [year, month, day] = textOf(field(item, 'Date')).slice(0, 10).split('-');
      const observedAt = dayOf({ year, month, day }, fetchedAt);
      if (!observedAt.ok) return fail(observedAt.fault);
      rows.push({
        currency: textOf(field(item, 'Cur_Abbreviation')),
        units: textOf(field(item, 'Cur_Scale')),
        per: textOf(field(item, 'Cur_OfficialRate')),
        observedAt: observedAt.value,
      });
    }
    return perUsd('BYN', rows, fetchedAt);
  },
};
