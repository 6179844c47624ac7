/**
 * Bank of Russia, daily rates: `Value` roubles for `Nominal` units, with a decimal comma, in windows-1251. From the
 * afternoon on it is dated for the next day.
 */
import { dayOf } from './day.ts';
import { perUsd } from './per-usd.ts';
import { type RateSource, TABLE_PACE } from './source.ts';
import { childrenOf, readXmlAnswer, textIn } from './xml-answer.ts';

export const cbr: RateSource = {
  name: 'cbr',
  origin: 'https://www.cbr.ru',
  path: '/scripts/XML_daily.asp',
  every: TABLE_PACE,
  read(body, fetchedAt) {
    const root = readXmlAnswer(new TextDecoder('windows-1251').decode(body), 'ValCurs');
    if (!root.ok) return root;
    const [day, month, year] = (root.value.getAttribute('Date') ?? '').split('.');
    const observedAt = dayOf({ year, month, day }, fetchedAt);
    if (!observedAt.ok) return observedAt;
    const rows = childrenOf(root.value, 'Valute').map(valute => ({
      currency: textIn(valute, 'CharCode'),
      units: textIn(valute, 'Nominal'),
      per: textIn(valute, 'Value').replace(',', '.'),
      observedAt: observedAt.value,
    }));
    return perUsd('RUB', rows, fetchedAt);
  },
};
