/**
 * A JSON number as PHP 8 spells it in a query string: an integer of 64 bits in full, anything else a float by PHP's
 * default `precision` of 14 significant digits.
 */

const largest = 2n ** 63n - 1n;
const smallest = -(2n ** 63n);

/** `lexeme` is a number as JSON writes it. `-0` is PHP's integer 0, `-0.0` its float `-0`; too large becomes `INF`. */
export function phpNumber(lexeme: string): string {
  const integer = phpInteger(lexeme);
  return integer === null ? phpFloat(Number(lexeme)) : integer.toString();
}

/** The value of decimal digits that fit PHP's 64-bit integer; null for floats and for what overflows into one. */
export function phpInteger(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text) || text.replace(/^[+-]?0*/, '').length > 19) return null;
  const value = BigInt(text.replace('+', ''));
  return value > largest || value < smallest ? null : value;
}

/** The integer a key of a PHP array becomes (`"7"`, not `"07"`), or null for a key that stays text. */
export function phpIndex(key: string): bigint | null {
  return /^(?:0|-?[1-9]\d*)$/.test(key) ? phpInteger(key) : null;
}

/** PHP's `%.14G`: exponent form below 1e-4 and from 1e15 of rounded digits on, with at least one decimal (`1.0E+15`). */
function phpFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'INF' : '-INF';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const { digits, exponent } = round14(Math.abs(value));
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent > 13) {
    const power = `E${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
    return `${sign}${digits[0]}.${digits.slice(1) || '0'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/**
 * Fourteen significant digits of a positive number, rounded half to even as PHP's zend_dtoa does, where toExponential
 * rounds half up. PHP also leaves the zeros at the end standing when such a tie of a whole number is rounded down.
 */
function round14(value: number): { digits: string; exponent: number } {
  const tie = exactTie(value);
  if (tie !== null && Number(tie.digits[13]) % 2 === 0) {
    const whole = tie.exponent === 14;
    const kept = tie.digits.slice(0, 14);
    return { digits: whole ? kept : kept.replace(/0+$/, ''), exponent: tie.exponent };
  }
  const { digits, exponent } = exponential(value, 13);
  return { digits: digits.replace(/0+$/, ''), exponent };
}

/** The digits of a value that lies exactly halfway between two numbers of 14 digits, else null. */
function exactTie(value: number): { digits: string; exponent: number } | null {
  const short = exponential(value, 14);
  if (short.digits[14] !== '5') return null;
  // A hundred decimals tell every double from its neighbouring 15-digit decimals.
  const exact = exponential(value, 100);
  return /^\d{14}50*$/.test(exact.digits) ? exact : null;
}

function exponential(value: number, decimals: number): { digits: string; exponent: number } {
  const [mantissa = '', exponent] = value.toExponential(decimals).split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}
