/**
 * From what several sources say to one rate, or to none. A wrong rate sells goods for nothing, so the answer is the median
 * of what is fresh, and only when enough sources stand close to it: a poisoned, inverted or forgotten source is left out
 * with an alarm, and where too few remain the currency is not to be had until more agree.
 */
import type { CurrencyKind } from './currency.ts';
import { add, compare, type Decimal, divideHalfUp, halfUpTo, multiply } from './money.ts';

/** A rate is kept and used with this many decimals. */
export const RATE_SCALE = 18;

/** The newest word of one source on one currency. Times in milliseconds. */
export type Reading = {
  source: string;
  /** Units of the currency for one US dollar. */
  perUsd: Decimal;
  /** The time the source gives it for, never later than `fetchedAt`. */
  observedAt: number;
  fetchedAt: number;
};

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How old a reading may be: central banks are silent over weekends and holidays, coins never sleep. */
const maxAge: Record<CurrencyKind, number> = {
  fiat: 4 * DAY,
  coin: 10 * MINUTE,
  stablecoin: 10 * MINUTE,
};

/** Clocks differ a little; what is dated further ahead than this is not to be believed. */
export const LONGEST_AHEAD = 5 * MINUTE;

/** Percent that a source may stand away from the median. */
const TOLERANCE = 5n;

/** A stablecoin is a dollar while its price is from 0.97 to 1.03 dollars. */
const BAND = { low: { units: 97n, scale: 2 }, high: { units: 103n, scale: 2 } };

/** `inverted`: it is about one divided by what the others say. */
export type Outlier = Reading & { inverted: boolean };

/** Why there is no rate. `contradictory`: enough are fresh, but too few agree. `off_peg`: a stablecoin left its band. */
export type NoRate = 'none' | 'too_old' | 'too_few' | 'contradictory' | 'off_peg';

export type Verdict = {
  /** Readings so far off that they do not count: an alarm each. */
  off: Outlier[];
} & (
  | { ok: true; rate: Decimal; counted: Reading[] }
  /** `last`: what the readings agreed on when they were fresh, for people to look at. */
  | { ok: false; why: NoRate; last: Decimal | null }
);

/**
 * Judges the readings of one currency at `now`, one for each source. `quorum`: how many must agree. A stablecoin inside
 * its band is worth exactly one dollar.
 */
export function judge(
  readings: readonly Reading[],
  { kind, now, quorum }: { kind: CurrencyKind; now: number; quorum: number },
): Verdict {
  const fresh = readings.filter(
    ({ observedAt }) => observedAt <= now + LONGEST_AHEAD && now - observedAt <= maxAge[kind],
  );
  const found = agreement(fresh, quorum);
  if (found.rate === null) {
    const last = agreement(readings, quorum).rate;
    return { ok: false, why: reason(readings, fresh, quorum), last, off: found.off };
  }
  const { rate, counted, off } = found;
  if (kind !== 'stablecoin') return { ok: true, rate, counted, off };
  if (!isInsideBand(rate)) return { ok: false, why: 'off_peg', last: rate, off };
  return { ok: true, rate: { units: 1n, scale: 0 }, counted, off };
}

function reason(readings: readonly Reading[], fresh: readonly Reading[], quorum: number): NoRate {
  if (fresh.length >= quorum) return 'contradictory';
  if (readings.length === 0) return 'none';
  return readings.length > fresh.length ? 'too_old' : 'too_few';
}

type Agreement = { off: Outlier[] } & ({ rate: Decimal; counted: Reading[] } | { rate: null });

/**
 * The median of all, if enough of them stand within the tolerance of it. Of an even number the median lies between the
 * middle two; when these are themselves further apart than the tolerance nobody can tell which of them is right.
 */
function agreement(readings: readonly Reading[], quorum: number): Agreement {
  const sorted = readings.toSorted((a, b) => compare(a.perUsd, b.perUsd));
  const low = sorted[(sorted.length - 1) >> 1]?.perUsd;
  const high = sorted[sorted.length >> 1]?.perUsd;
  if (!low || !high) return { rate: null, off: [] };
  const rate = low === high ? low : divideHalfUp(add(low, high), { units: 2n, scale: 0 }, RATE_SCALE);
  const isSplit = !isClose(low, high);
  const counted = isSplit ? [] : readings.filter(({ perUsd }) => isClose(perUsd, rate));
  const off = readings
    .filter(reading => !counted.includes(reading))
    .map(reading => ({ ...reading, inverted: isInverse(reading.perUsd, rate) }));
  return counted.length >= quorum ? { rate, counted, off } : { rate: null, off };
}

/** Whether `value` is at most the tolerance away from `reference`. */
function isClose(value: Decimal, reference: Decimal): boolean {
  const [a, b] = [value, reference];
  const left = a.units * 10n ** BigInt(b.scale);
  const right = b.units * 10n ** BigInt(a.scale);
  const apart = left > right ? left - right : right - left;
  return apart * 100n <= TOLERANCE * right;
}

const ONE: Decimal = { units: 1n, scale: 0 };

function isInverse(value: Decimal, reference: Decimal): boolean {
  return isClose(multiply(value, reference), ONE);
}

/** The price of the coin is one divided by the units a dollar buys. */
function isInsideBand(perUsd: Decimal): boolean {
  return compare(multiply(perUsd, BAND.low), ONE) <= 0 && compare(multiply(perUsd, BAND.high), ONE) >= 0;
}

/** The rate with the operator's spread: at 0.01 an invoice costs one percent more. */
export function withSpread(rate: Decimal, spread: Decimal): Decimal {
  if (spread.units === 0n) return rate;
  return divideHalfUp(rate, add(ONE, spread), RATE_SCALE);
}

export const NO_SPREAD: Decimal = { units: 0n, scale: 0 };

/** The rate of a coin that is paid in: at a spread of 0.01 the payer sends one percent more of it. */
export const withSpreadOnTop = (rate: Decimal, spread: Decimal): Decimal =>
  halfUpTo(multiply(rate, add(ONE, spread)), RATE_SCALE);
