/**
 * The order in which PHP 8.2's ksort puts the keys of an array. PHP compares integer keys, numeric-looking texts and
 * plain texts by rules that are not one consistent order ("9" < "1e1" < "1x" < "9"), so for such keys the outcome
 * depends on its sorting algorithm, and the steps of that algorithm are followed here too.
 * Sources: php.net/manual/en/function.ksort.php, and php-src Zend/zend_sort.c for the sequence of comparisons.
 */
import { phpIndex, phpInteger } from './php-number.ts';

/**
 * `integer`: the key is one of PHP's integer keys. `numeric`: the key reads as a number; `overflow` is the side on
 * which an integer left 64 bits. `place` breaks ties, for PHP sorts stably.
 */
type Key = {
  text: string;
  bytes: Buffer;
  place: number;
  integer: bigint | null;
  numeric: { integer: bigint | null; float: number; overflow: -1 | 0 | 1 } | null;
};

/** Sorts distinct array keys. Up to quadratic time on keys chosen for it: bound their number. */
export function phpKsort(keys: readonly string[]): string[] {
  const list = keys.map(toKey);
  sortSpan(list, 0, list.length);
  return list.map(key => key.text);
}

function toKey(text: string, place: number): Key {
  return { text, bytes: Buffer.from(text), place, integer: phpIndex(text), numeric: numericText(text) };
}

/** PHP's numeric strings: spaces around, a sign, `1.`, `.5` and exponents are numbers; hexadecimal is not. */
function numericText(text: string): Key['numeric'] {
  const parts = /^[ \t\n\r\v\f]*([+-]?(?:\d+(\.\d*)?|(\.\d+))([eE][+-]?\d+)?)([ \t\n\r\v\f]*)$/.exec(text);
  if (!parts) return null;
  const [, number = '', decimals, onlyDecimals, power, after] = parts;
  const float = Number(number);
  if (decimals ?? onlyDecimals ?? power) return { integer: null, float, overflow: 0 };
  const integer = phpInteger(number);
  // PHP takes the smallest integer for an overflow when a space follows it.
  const fits = integer !== null && !(after !== '' && integer === -(2n ** 63n));
  return fits ? { integer, float, overflow: 0 } : { integer: null, float, overflow: float < 0 ? -1 : 1 };
}

const order = (a: bigint | number, b: bigint | number) => (a > b ? 1 : a < b ? -1 : 0);

function compareKeys(a: Key, b: Key): number {
  if (a.integer !== null && b.integer !== null) return order(a.integer, b.integer);
  if (a.integer !== null) return compareIntegerToText(a.integer, a.bytes, b);
  if (b.integer !== null) return -compareIntegerToText(b.integer, b.bytes, a);
  return compareTexts(a, b);
}

function compareIntegerToText(integer: bigint, bytes: Buffer, key: Key): number {
  if (key.numeric === null) return Buffer.compare(bytes, key.bytes);
  if (key.numeric.integer !== null) return order(integer, key.numeric.integer);
  return order(Number(integer), key.numeric.float);
}

function compareTexts(a: Key, b: Key): number {
  const [one, two] = [a.numeric, b.numeric];
  if (one === null || two === null) return Buffer.compare(a.bytes, b.bytes);
  if (one.integer !== null && two.integer !== null) return order(one.integer, two.integer);
  if (one.integer !== null && two.overflow !== 0) return -two.overflow;
  if (two.integer !== null && one.overflow !== 0) return one.overflow;
  const same = one.float === two.float;
  const bothOver = one.overflow !== 0 && one.overflow === two.overflow;
  if (same && (bothOver || !Number.isFinite(one.float))) return Buffer.compare(a.bytes, b.bytes);
  return order(one.float, two.float);
}

function greater(list: Key[], left: number, right: number): boolean {
  const [a, b] = [list[left], list[right]];
  if (a === undefined || b === undefined) throw new RangeError('a sort position is out of range');
  return (compareKeys(a, b) || a.place - b.place) > 0;
}

function swap(list: Key[], left: number, right: number): void {
  const [a, b] = [list[left], list[right]];
  if (a === undefined || b === undefined) throw new RangeError('a sort position is out of range');
  list[left] = b;
  list[right] = a;
}

function sortSpan(list: Key[], start: number, end: number): void {
  let [from, to] = [start, end];
  while (to - from > 16) {
    const split = partition(list, from, to);
    if (split - from < to - split - 1) {
      sortSpan(list, from, split);
      from = split + 1;
    } else {
      sortSpan(list, split + 1, to);
      to = split;
    }
  }
  sortShort(list, from, to);
}

/** Puts a middle value in its place, smaller ones before it and greater ones after; returns its position. */
function partition(list: Key[], from: number, to: number): number {
  const half = (to - from) >> 1;
  const quarter = half >> 1;
  const middle = from + half;
  const few = to - from < 1024;
  settle(list, few ? [from, middle, to - 1] : [from, from + quarter, middle, middle + quarter, to - 1]);
  const pivot = from + 1;
  swap(list, pivot, middle);
  const split = meet(list, pivot, to - 1) - 1;
  swap(list, pivot, split);
  return split;
}

/** Walks from both ends towards each other, exchanging what is on the wrong side; returns where the ends met. */
function meet(list: Key[], pivot: number, last: number): number {
  let [low, high] = [pivot + 1, last];
  for (;;) {
    while (greater(list, pivot, low)) if (++low === high) return low;
    do if (--high === low) return low;
    while (greater(list, high, pivot));
    swap(list, low, high);
    if (++low === high) return low;
  }
}

function sortShort(list: Key[], from: number, to: number): void {
  const positions = Array.from({ length: to - from }, (_, n) => from + n);
  if (positions.length <= 5) {
    settle(list, positions);
    return;
  }
  for (let at = from + 1; at < from + 6; at++) sink(list, positions, at - from);
  for (let at = from + 6; at < to; at++) insert(list, from, at);
}

/** Sorts the values at up to five positions. */
function settle(list: Key[], positions: number[]): void {
  const [a, b, c] = positions;
  if (a === undefined || b === undefined) return;
  if (c === undefined || !greater(list, a, b)) {
    for (let n = c === undefined ? 1 : 2; n < positions.length; n++) sink(list, positions, n);
    return;
  }
  if (greater(list, c, b)) {
    swap(list, a, b);
    if (greater(list, b, c)) swap(list, b, c);
  } else swap(list, a, c);
  for (let n = 3; n < positions.length; n++) sink(list, positions, n);
}

/** Moves the value at the n-th position down past every greater one directly before it. */
function sink(list: Key[], positions: number[], n: number): void {
  for (let at = n; at > 0; at--) {
    const [left, right] = [positions[at - 1], positions[at]];
    if (left === undefined || right === undefined || !greater(list, left, right)) return;
    swap(list, left, right);
  }
}

/** Inserts the value at `at` among the sorted ones before it, searching backwards two steps at a time. */
function insert(list: Key[], from: number, at: number): void {
  if (!greater(list, at - 1, at)) return;
  let place = at - 1;
  for (;;) {
    place -= 2;
    if (!greater(list, place, at)) {
      place += greater(list, place + 1, at) ? 1 : 2;
      break;
    }
    if (place === from) break;
    if (place === from + 1) {
      if (greater(list, from, at)) place = from;
      break;
    }
  }
  list.splice(place, 0, ...list.splice(at, 1));
}
