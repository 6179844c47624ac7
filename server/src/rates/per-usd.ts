/**
 * From a source's own table to units per US dollar. A table has a hub: the currency all its rows are told in (the euro at
 * the ECB, the rouble at the CBR, the dollar on markets). Every number is read from its text, and the one division at the
 * end is the only rounding. This is also the one place where an entry is refused.
 */
import { BASE_CURRENCY, kindOf } from '../domain/currency.ts';
import { compare, type Decimal, divideHalfUp, multiply, parseDecimal } from '../domain/money.ts';
import { LONGEST_AHEAD, RATE_SCALE } from '../domain/rate.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Answer, Quoted } from './source.ts';

/** `units` of the currency are worth `per` of the hub. Both are texts as the source wrote them. */
export type Row = { currency: string; units: string; per: string; observedAt: number };

type Ratio = { units: Decimal; per: Decimal; observedAt: number };

const ONE: Decimal = { units: 1n, scale: 0 };

/** No rate is outside of this; what is would be a fault of the source, and need not fit the database. */
const LEAST: Decimal = { units: 1n, scale: 12 };
const MOST: Decimal = { units: 10n ** 12n, scale: 0 };

/** Turns a table into rates for one dollar; a table without a usable dollar, or one that contradicts itself, is a fault. */
export function perUsd(hub: string, rows: readonly Row[], fetchedAt: number): Result<Answer> {
  if (!/^[A-Z]{3,5}$/.test(hub)) return fail('it does not say what its rates are for');
  const refused = new Set<string>();
  const ratios = new Map<string, Ratio>();
  for (const row of rows) {
    if (row.currency !== hub && row.currency !== BASE_CURRENCY && !kindOf(row.currency)) continue;
    const ratio = ratioOf(row);
    if (!ratio && row.currency === hub) return fail(`its own ${hub} is not a number above zero`);
    if (!ratio) refused.add(`${row.currency} is not a number above zero`);
    else if (row.observedAt > fetchedAt + LONGEST_AHEAD)
      refused.add(`${row.currency} is dated in the future`);
    else {
      const former = ratios.get(row.currency);
      if (former && !isEqual(former, ratio)) return fail(`${row.currency} is given twice, differently`);
      ratios.set(row.currency, ratio);
    }
  }
  const own = ratios.get(hub);
  if (own && compare(own.units, own.per) !== 0) return fail(`one ${hub} is not one ${hub}`);
  const dollar =
    hub === BASE_CURRENCY ? { units: ONE, per: ONE, observedAt: fetchedAt } : ratios.get(BASE_CURRENCY);
  if (!dollar) return fail([...refused][0] ?? 'it has no US dollar');
  ratios.set(hub, { ...dollar, units: ONE, per: ONE });
  const quoted = [...ratios].flatMap(([currency, ratio]) => {
    const one = cross({ currency, ratio, dollar, fetchedAt });
    if (!one && currency !== BASE_CURRENCY) refused.add(`${currency} is beyond every possible rate`);
    return one ?? [];
  });
  return quoted.length > 0
    ? ok({ quoted, refused: [...refused] })
    : fail([...refused][0] ?? 'it holds no rate');
}

function ratioOf({ units, per, observedAt }: Row): Ratio | null {
  const [left, right] = [parseDecimal(units), parseDecimal(per)];
  return left && right && left.units > 0n && right.units > 0n
    ? { units: left, per: right, observedAt }
    : null;
}

function isEqual(a: Ratio, b: Ratio): boolean {
  return compare(multiply(a.units, b.per), multiply(b.units, a.per)) === 0;
}

/** Both against the hub, so against one another. It is as old as the older of the two. */
function cross(from: { currency: string; ratio: Ratio; dollar: Ratio; fetchedAt: number }): Quoted | null {
  const { currency, ratio, dollar, fetchedAt } = from;
  if (!kindOf(currency)) return null;
  const rate = divideHalfUp(multiply(ratio.units, dollar.per), multiply(ratio.per, dollar.units), RATE_SCALE);
  if (compare(rate, LEAST) < 0 || compare(rate, MOST) > 0) return null;
  const observedAt = Math.min(ratio.observedAt, dollar.observedAt, fetchedAt);
  return { currency, perUsd: rate, observedAt };
}
