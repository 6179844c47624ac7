/** Breaks one value somewhere in an answer, in any of the ways in which an answer can be broken. */
import type { Chance } from './seeded.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** `where`: the way to what was broken, with # for every place in a list. `value` is undefined where all of it was left out. */
export type Garbled = { value: unknown; where: string };

/** `near`: texts of which most of what is broken in lists has one. The answer itself is left as it is. */
export function garble(answer: unknown, chance: Chance, near: readonly string[]): Garbled {
  const whole = { answer: structuredClone(answer) as Json };
  let box: { [key: string]: Json } = whole;
  let key = 'answer';
  let where = '';
  for (let here = box[key]; isBox(here) && chance.happens(0.9); here = box[key]) {
    box = here as { [key: string]: Json };
    key = pickKey(box, chance, near);
    where += Array.isArray(here) ? '.#' : `.${key}`;
  }
  if (chance.happens(0.1)) {
    if (Array.isArray(box)) box.splice(Number(key), 1);
    else delete box[key];
  } else box[key] = broken(box[key] ?? null, chance);
  return { value: whole.answer, where };
}

const isBox = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function pickKey(box: object, chance: Chance, near: readonly string[]): string {
  const keys = Object.keys(box);
  if (!Array.isArray(box) || chance.happens(0.2)) return chance.pick(keys);
  const wanted = box.flatMap((one, index) => {
    const text = JSON.stringify(one).toLowerCase();
    return near.some(word => text.includes(word)) ? [String(index)] : [];
  });
  return chance.pick(wanted.length > 0 ? wanted : keys);
}

/** What is there instead, of whatever kind. */
const strangers: readonly Json[] = [
  null,
  true,
  '',
  '0x',
  '0x0',
  '0x00',
  'nonsense',
  '\ud800',
  `0x${'f'.repeat(14)}`,
  `0x${'f'.repeat(64)}`,
  `0x${'f'.repeat(65)}`,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  [],
  [[[]]],
  {},
  { toString: 1 },
];

function broken(value: Json, chance: Chance): Json {
  if (chance.happens(0.4)) return chance.pick(strangers);
  if (typeof value === 'string') return chance.pick(texts)(value, chance);
  if (typeof value === 'number') return chance.pick([value + 1, value - 1, -value, value * 1000, `${value}`]);
  if (Array.isArray(value))
    return chance.pick<Json>([
      value.slice(1),
      [...value, ...value.slice(0, 1)],
      value.toReversed(),
      [...value, null],
      { ...value },
    ]);
  return [value, value];
}

const texts: readonly ((text: string, chance: Chance) => Json)[] = [
  otherDigit,
  otherDigit,
  otherDigit,
  text => text.toUpperCase(),
  text => text.slice(0, -1),
  text => `${text}0`,
  text => ` ${text}`,
  text => text.replace(/^0x/, ''),
  text => text.replace(/^0x/, '0x0'),
  text => `0x${(BigInt(/^0x[0-9a-f]+$/i.test(text) ? text : 0) + 1n).toString(16)}`,
];

function otherDigit(text: string, chance: Chance): string {
  const at = Math.min(text.length, 2) + chance.below(Math.max(1, text.length - 2));
  return text.slice(0, at) + chance.pick([...'0123456789abcdef']) + text.slice(at + 1);
}
