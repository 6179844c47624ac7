/**
 * The operator's commission: a percent of what the shop asked for, taken from the user's balance when the invoice is
 * paid. The percent is frozen on the invoice at its creation.
 */
import { fail, ok, type Result } from '../lib/result.ts';
import { ceilTo, compare, type Decimal, floorTo, multiply, PRICE_SCALE, parseDecimal } from './money.ts';
import type { Usd } from './usd.ts';

/** A percent has at most this many decimals. */
const PERCENT_SCALE = 4;

const HUNDRED: Decimal = { units: 100n, scale: 0 };

export const NO_PERCENT: Decimal = { units: 0n, scale: PERCENT_SCALE };

/** What the operator of an installation asks of its users. Amounts in US dollars; null: never. */
export type OperatorTerms = {
  /** Of users who have no percent of their own. */
  percent: Decimal;
  /** Below this balance the operator is warned. */
  warnBelow: Usd | null;
  /** Below this balance a user gets no new invoices that cost a commission. */
  refuseBelow: Usd | null;
};

export const NO_TERMS: OperatorTerms = { percent: NO_PERCENT, warnBelow: null, refuseBelow: null };

/** Reads a percent: from 0 to below 100, at most 4 decimals by value. The fault completes a sentence. */
export function parsePercent(text: string): Result<Decimal> {
  const decimal = parseDecimal(text);
  if (!decimal) return fail('must be a number from 0 to less than 100');
  const percent = floorTo(decimal, PERCENT_SCALE);
  if (compare(percent, decimal) !== 0) return fail(`must have at most ${PERCENT_SCALE} decimals`);
  if (compare(percent, HUNDRED) >= 0) return fail('must be less than 100');
  return ok(percent);
}

/** The commission on what is requested, in the same currency: exact, then rounded up to 8 decimals. */
export function commissionOf(requested: Decimal, percent: Decimal): Decimal {
  const fee = { units: percent.units, scale: percent.scale + 2 };
  return ceilTo(multiply(requested, fee), PRICE_SCALE);
}

/** An amount in US dollars, as prices are, in the units of the books. */
export const usdOf = (amount: Decimal): Usd => ceilTo(amount, PRICE_SCALE).units;

/** Whether a user gets no new invoice at this percent and balance. */
export function isRefused(
  { percent, balance }: { percent: Decimal; balance: Usd },
  limit: Usd | null,
): boolean {
  return limit !== null && percent.units > 0n && balance < limit;
}
