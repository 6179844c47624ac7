/** What exchanges have in common: prices of pairs. */
import { BASE_CURRENCY, kindOf } from '../domain/currency.ts';
import type { Row } from './per-usd.ts';

/** One `base` costs `price` of `quote`. */
export type PairPrice = { base: string; quote: string; price: string; observedAt: number };

/**
 * Rows with the dollar as their hub. A price in USDT counts as one in dollars where the exchange has no price in dollars:
 * while USDT keeps its band the difference is far below the tolerance, and when it does not, this source is off and the
 * quorum leaves it out. For a stablecoin itself that would be going round in a circle.
 */
export function marketRows(prices: readonly PairPrice[]): Row[] {
  const rows = prices.flatMap(({ base, quote, price, observedAt }): Row[] => {
    if (quote === BASE_CURRENCY) return [{ currency: base, units: '1', per: price, observedAt }];
    if (base === BASE_CURRENCY) return [{ currency: quote, units: price, per: '1', observedAt }];
    return [];
  });
  const direct = new Set(rows.map(({ currency }) => currency));
  const inTether = prices.filter(
    ({ base, quote }) => quote === 'USDT' && kindOf(base) !== 'stablecoin' && !direct.has(base),
  );
  return [
    ...rows,
    ...inTether.map(({ base, price, observedAt }) => ({
      currency: base,
      units: '1',
      per: price,
      observedAt,
    })),
  ];
}

const LONGEST_PAIR = 12;

/** Parts a pair written as one word (`BTCUSDT`) where both halves are currencies; null: it is not such a pair. */
export function splitPair(
  pair: string,
  currencyOf: (asset: string) => string = asset => asset,
): { base: string; quote: string } | null {
  if (pair.length > LONGEST_PAIR) return null;
  for (let at = 3; at <= pair.length - 3; at++) {
    const [base, quote] = [currencyOf(pair.slice(0, at)), currencyOf(pair.slice(at))];
    if (isCurrency(base) && isCurrency(quote)) return { base, quote };
  }
  return null;
}

function isCurrency(code: string): boolean {
  return code === BASE_CURRENCY || kindOf(code) !== null;
}
