/** Decisions about amounts, each held against another way of reckoning: by whole parts of 10^60, by text, by counting. */
import { commissionOf } from '../../server/src/domain/commission.ts';
import { afterAttempt } from '../../server/src/domain/delivery.ts';
import {
  add,
  ceilTo,
  compare,
  type Decimal,
  floorTo,
  formatAmount,
  formatDecimal,
  halfUpTo,
  multiply,
  parseDecimal,
} from '../../server/src/domain/money.ts';
import { quote } from '../../server/src/domain/quote.ts';
import { drawTail } from '../../server/src/domain/tail.ts';
import type { Chance } from '../seeded.ts';

const FINE = 60;

/** A number as whole parts of 10^-60: no rounding is needed to compare such. */
const fine = ({ units, scale }: Decimal): bigint => units * 10n ** BigInt(FINE - scale);

function aDecimal(chance: Chance, most = 18): Decimal {
  const digits = chance.between(1, 20);
  const text = Array.from({ length: digits }, () => chance.pick(['0', '9', String(chance.below(10))])).join(
    '',
  );
  return { units: BigInt(text), scale: chance.below(most) };
}

function expect(isRight: boolean, words: string): void {
  if (!isRight) throw new Error(words);
}

export function rounding(chance: Chance): void {
  const amount = aDecimal(chance);
  const scale = chance.below(19);
  const step = 10n ** BigInt(FINE - scale);
  const exact = fine(amount);
  const rest = exact % step;
  const down = exact - rest;
  const up = rest === 0n ? down : down + step;
  expect(fine(floorTo(amount, scale)) === down, `floor of ${formatDecimal(amount)} at ${scale}`);
  expect(fine(ceilTo(amount, scale)) === up, `ceil of ${formatDecimal(amount)} at ${scale}`);
  const half = 2n * rest >= step ? up : down;
  expect(fine(halfUpTo(amount, scale)) === half, `half up of ${formatDecimal(amount)} at ${scale}`);
}

export function sums(chance: Chance): void {
  const [a, b] = [aDecimal(chance), aDecimal(chance)];
  expect(fine(add(a, b)) === fine(a) + fine(b), 'a sum');
  expect(fine(multiply(a, b)) * 10n ** BigInt(FINE) === fine(a) * fine(b), 'a product');
  const [x, y] = [fine(a), fine(b)];
  expect(compare(a, b) === (x < y ? -1 : x > y ? 1 : 0), 'a comparison');
}

export function texts(chance: Chance): void {
  const amount = aDecimal(chance);
  const text = formatDecimal(amount);
  const [whole = '', fraction = ''] = text.split('.');
  expect(fraction.length === amount.scale && BigInt(whole + fraction) === amount.units, `the text ${text}`);
  const read = parseDecimal(text);
  expect(read !== null && fine(read) === fine(amount), `reading ${text}`);
  const shown = parseDecimal(formatAmount(amount));
  expect(shown !== null && fine(shown) === fine(amount), `showing ${text}`);
}

/** What the merchant gets is never less than asked, and the payer never pays a whole step more than must be. */
export function quotes(chance: Chance): void {
  const requested = {
    units: BigInt(chance.between(1, 2_000_000_000)) * BigInt(chance.pick([1, 997])),
    scale: 8,
  };
  const percent = { units: BigInt(chance.below(999_999)), scale: 4 };
  const digits = chance.between(2, 8);
  const commissionPayer = chance.pick(['payer', 'merchant'] as const);
  const { base, commission } = quote({ requested, percent, commissionPayer, digits });
  const parts = requested.units * percent.units;
  const whole = (parts + 999_999n) / 1_000_000n;
  expect(commission.units === whole && commission.scale === 8, 'a commission');
  expect(fine(commissionOf(requested, percent)) === fine(commission), 'the commission of a quote');
  const due = requested.units + (commissionPayer === 'payer' ? whole : 0n);
  const step = 10n ** BigInt(8 - digits);
  const asked = base.units * step;
  expect(
    base.scale === digits && asked >= due && asked - due < step,
    `a quote of ${due} at ${digits} digits`,
  );
}

export function tails(chance: Chance): void {
  const max = chance.pick([1, 2, 5, 64, 65, 100, 300]);
  const share = chance.unit() ** 2;
  const held = new Set<number>();
  for (let tail = 1; tail <= max; tail++) if (chance.happens(1 - share)) held.add(tail);
  const tail = drawTail(max, held, n => chance.below(n));
  if (tail === null) expect(held.size === max, 'nothing is free, they say');
  else expect(tail >= 1 && tail <= max && !held.has(tail), `tail ${tail} of ${max}`);
}

/** When each request is due, in seconds from the first, as the documentation has it. */
const DUE = [0, 30, 150, 750, 4350, 11_550, 25_950, 47_550, 90_750, 177_150];

export function schedule(chance: Chance): void {
  const start = Date.UTC(2026, 0, 1) + chance.below(1_000_000);
  const failures = chance.below(13);
  let due = start;
  for (let number = 0; ; number++) {
    expect(due === start + (DUE[number] ?? 0) * 1000, `request ${number} is due at ${due - start}`);
    const status = number < failures ? chance.pick([null, 201, 204, 301, 404, 500]) : 200;
    const next = afterAttempt(number, due, status);
    const right = status === 200 ? 'delivered' : number === 9 ? 'exhausted' : 'open';
    expect(next.state === right, `request ${number} was answered ${status}: ${next.state}`);
    if (next.state !== 'open') return;
    due = next.dueAt;
  }
}
