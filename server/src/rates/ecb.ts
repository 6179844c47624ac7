/** European Central Bank, euro reference rates: units per euro, on working days about 16:00 CET. */
import { fail } from '../lib/result.ts';
import { dayOf } from './day.ts';
import { perUsd } from './per-usd.ts';
import { type RateSource, TABLE_PACE } from './source.ts';
import { childrenOf, readXmlAnswer } from './xml-answer.ts';

export const ecb: RateSource = {
  name: 'ecb',
  origin: 'https://www.ecb.europa.eu',
  path: '/stats/eurofxref/eurofxref-daily.xml',
  every: TABLE_PACE,
  read(body, fetchedAt) {
    const root = readXmlAnswer(new TextDecoder().decode(body), 'gesmes:Envelope');
    if (!root.ok) return root;
    const days = childrenOf(root.value, 'Cube').flatMap(cube => childrenOf(cube, 'Cube'));
    const newest = days.toSorted((a, b) => (dateOf(a) < dateOf(b) ? 1 : -1))[0];
    if (!newest) return fail('it has no date');
    const [year, month, day] = dateOf(newest).split('-');
    const observedAt = dayOf({ year, month, day }, fetchedAt);
    if (!observedAt.ok) return observedAt;
    const rows = childrenOf(newest, 'Cube').map(cube => ({
      currency: cube.getAttribute('currency') ?? '',
      units: cube.getAttribute('rate') ?? '',
      per: '1',
      observedAt: observedAt.value,
    }));
    return perUsd('EUR', rows, fetchedAt);
  },
};

function dateOf(cube: { getAttribute(name: string): string | null }): string {
  return cube.getAttribute('time') ?? '';
}
