/** Pure decisions, drawn at random and held against independent models: millions of them in seconds. */
import { Chance } from '../seeded.ts';
import * as money from './money-cases.ts';
import * as payments from './payment-cases.ts';

const cases: Readonly<Record<string, (chance: Chance) => void>> = {
  'amounts rounded': money.rounding,
  'amounts added, multiplied and compared': money.sums,
  'amounts written and read': money.texts,
  'prices quoted': money.quotes,
  'tails drawn': money.tails,
  'webhooks scheduled to their end': money.schedule,
  'transitions of an invoice': payments.transition,
  'transfers matched': payments.matching,
  'payments settled or released': payments.settling,
  'invoices expired': payments.expiring,
  'amounts told apart': payments.nearest,
};

export type Decided = { name: string; times: number; seconds: number };

/** Draws each kind of decision `times` times. Throws at the first that is not as its model has it, naming the draw. */
export function decide(times: number, seed: number): Decided[] {
  return Object.entries(cases).map(([name, draw], index) => {
    const chance = new Chance(seed * 31 + index);
    const begun = performance.now();
    for (let n = 0; n < times; n++) {
      try {
        draw(chance);
      } catch (error) {
        throw new Error(
          `${name}, draw ${n} of seed ${seed}: ${error instanceof Error ? error.message : error}`,
        );
      }
    }
    return { name, times, seconds: (performance.now() - begun) / 1000 };
  });
}
