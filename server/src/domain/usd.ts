/** US dollars with a sign, as balances have them: exact, and rounded only where people read them. */
import { fail, ok, type Result } from '../lib/result.ts';
import { compare, floorTo, formatDecimal, PRICE_SCALE, parseDecimal } from './money.ts';

/** Whole 10^-8 US dollars; below zero is owed. */
export type Usd = bigint;

/** Amounts are below 10^15 dollars, as prices are. */
const LIMIT = 10n ** BigInt(15 + PRICE_SCALE);

const CENT = 10n ** BigInt(PRICE_SCALE - 2);

/** Reads dollars with a minus sign or without, at most 8 decimals by value. The fault completes a sentence. */
export function parseUsd(text: string): Result<Usd> {
  const amount = exactly(text);
  if (amount.ok && (amount.value >= LIMIT || amount.value <= -LIMIT)) return fail('must be less than 10^15');
  return amount;
}

/** An amount as the database writes it; a sum there may be larger than anything that is entered. */
export function usdFrom(text: string): Usd {
  const amount = exactly(text);
  if (!amount.ok) throw new Error(`an amount of the ledger ${amount.fault}`);
  return amount.value;
}

function exactly(text: string): Result<Usd> {
  const isNegative = text.startsWith('-');
  const decimal = parseDecimal(isNegative ? text.slice(1) : text);
  if (!decimal) return fail('must be a number of US dollars, such as 25 or -3.20');
  const exact = floorTo(decimal, PRICE_SCALE);
  if (compare(exact, decimal) !== 0) return fail(`must have at most ${PRICE_SCALE} decimals`);
  return ok(isNegative ? -exact.units : exact.units);
}

/** All 8 decimals: -3.2 is "-3.20000000". */
export function formatUsd(amount: Usd): string {
  return signed(amount, PRICE_SCALE);
}

/** Two decimals, rounded down: a balance never looks better than it is. 85.999 is "85.99", -0.001 is "-0.01". */
export function formatBalance(amount: Usd): string {
  return signed(amount >= 0n ? amount / CENT : -((CENT - 1n - amount) / CENT), 2);
}

function signed(units: bigint, scale: number): string {
  return units < 0n ? `-${formatDecimal({ units: -units, scale })}` : formatDecimal({ units, scale });
}
