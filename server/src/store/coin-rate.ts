/** The frozen rate of a method, in its two columns. */
import type { CoinRate, Method } from '../domain/invoice.ts';
import { formatDecimal, parseDecimal } from '../domain/money.ts';

type Columns = { coin_rate: string | null; coin_rate_origin: string | null };

export const rateColumns = (method: Pick<Method, 'rate'> | null): Columns => ({
  coin_rate: method?.rate ? formatDecimal(method.rate.perUsd) : null,
  coin_rate_origin: method?.rate?.origin ?? null,
});

export function rateFrom({ coin_rate, coin_rate_origin: origin }: Columns): CoinRate | null {
  if (coin_rate === null || origin === null) return null;
  const perUsd = parseDecimal(coin_rate);
  if (!perUsd) throw new Error('a rate of the database is not a decimal');
  return { perUsd, origin };
}
