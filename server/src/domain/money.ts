/**
 * Amounts as exact decimals over bigint. A token amount is `units` of its own base unit; an amount in a price is a
 * Decimal with an explicit scale. A JavaScript number never stands for money.
 */
import { fail, ok, type Result } from '../lib/result.ts';

/** The number units × 10^-scale, units ≥ 0. */
export type Decimal = { units: bigint; scale: number };

/** Every price the API speaks of has this many decimals. */
export const PRICE_SCALE = 8;

/** Prices are below 10^15: with 8 decimals that is the whole of 23 digits, far inside numeric(78,0). */
const PRICE_LIMIT = 10n ** BigInt(15 + PRICE_SCALE);

const DECIMAL = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads plain or exponent notation without rounding; signs, spaces, hex, commas and empty parts are not numbers. */
export function parseDecimal(text: string): Decimal | null {
  const parts = DECIMAL.exec(text);
  if (!parts) return null;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const shift = Number(exponent) - fraction.length;
  if (Math.abs(shift) > 60) return null;
  const digits = BigInt(whole + fraction);
  return shift >= 0 ? { units: digits * 10n ** BigInt(shift), scale: 0 } : { units: digits, scale: -shift };
}

/** Reads a price: > 0, at most 8 decimals by value (1.000000000 is 1), < 10^15. The fault completes a sentence. */
export function parsePrice(text: string): Result<Decimal> {
  const decimal = parseDecimal(text);
  if (!decimal) return fail('must be a number.');
  if (decimal.units === 0n) return fail('must be greater than 0.');
  const price = floorTo(decimal, PRICE_SCALE);
  if (compare(price, decimal) !== 0) return fail(`must have at most ${PRICE_SCALE} decimals.`);
  if (price.units >= PRICE_LIMIT) return fail('must be less than 10^15.');
  return ok(price);
}

export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const scale = Math.max(a.scale, b.scale);
  const left = a.units * 10n ** BigInt(scale - a.scale);
  const right = b.units * 10n ** BigInt(scale - b.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The same number, or the next one below it that `scale` decimals can say. */
export function floorTo(decimal: Decimal, scale: number): Decimal {
  return divide(decimal, scale, 'floor');
}

/** The same number, or the next one above it that `scale` decimals can say. */
export function ceilTo(decimal: Decimal, scale: number): Decimal {
  return divide(decimal, scale, 'ceil');
}

/** Rounded to `scale` decimals, halves upwards. */
export function halfUpTo(decimal: Decimal, scale: number): Decimal {
  return divide(decimal, scale, 'half-up');
}

function divide(decimal: Decimal, scale: number, rounding: 'floor' | 'ceil' | 'half-up'): Decimal {
  if (scale >= decimal.scale) {
    return { units: decimal.units * 10n ** BigInt(scale - decimal.scale), scale };
  }
  const divisor = 10n ** BigInt(decimal.scale - scale);
  const bias = rounding === 'floor' ? 0n : rounding === 'ceil' ? divisor - 1n : divisor / 2n;
  return { units: (decimal.units + bias) / divisor, scale };
}

/** The same number with more (or as many) decimals; fewer is a bug, since it would round. */
export function rescale(decimal: Decimal, scale: number): Decimal {
  const rescaled = floorTo(decimal, scale);
  if (compare(rescaled, decimal) !== 0)
    throw new Error(`${formatDecimal(decimal)} has more than ${scale} decimals`);
  return rescaled;
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: floorTo(a, scale).units + floorTo(b, scale).units, scale };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** a / b rounded to `scale` decimals, halves upwards. A divisor of zero is a bug. */
export function divideHalfUp(a: Decimal, b: Decimal, scale: number): Decimal {
  if (b.units === 0n) throw new Error('division by zero');
  const dividend = a.units * 10n ** BigInt(b.scale + scale);
  const divisor = b.units * 10n ** BigInt(a.scale);
  return { units: (2n * dividend + divisor) / (2n * divisor), scale };
}

/** All `scale` decimals: 6.5 at scale 8 is "6.50000000". */
export function formatDecimal({ units, scale }: Decimal): string {
  if (scale === 0) return units.toString();
  const digits = units.toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** No trailing zeros beyond two decimals: "125.69", "10.007", "10.00". The one text of a `final_amount`. */
export function formatAmount(decimal: Decimal): string {
  const text = formatDecimal(decimal.scale < 2 ? floorTo(decimal, 2) : decimal);
  const kept = text.indexOf('.') + 3;
  return text.slice(0, kept) + text.slice(kept).replace(/0+$/, '');
}

/** The shortest exact text: "10.5", "10", "0.001". What a JSON number is printed from. */
export function formatNumber(decimal: Decimal): string {
  const text = formatDecimal(decimal);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
