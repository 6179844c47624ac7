/** A process of its own with one bug in it: runs histories until one breaks a rule, and says which. */
import { parseArgs } from 'node:util';
import { focusOf } from '../simulate/focus.ts';
import { runHistories } from '../simulate/run.ts';
import type { Mutant } from './mutants.ts';

/** `seed` null: none of the histories has seen the bug. */
export type Caught = { seed: number | null; histories: number; violation: string };

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    seed: { type: 'string', default: '1' },
    most: { type: 'string', default: '300' },
  },
});
const { patches, focus } = JSON.parse(process.env.MUTANT ?? '{}') as Mutant;
const caught: Caught = { seed: null, histories: 0, violation: '' };

await runHistories({
  ...(values.dir === undefined ? {} : { dir: values.dir }),
  seeds: likelySeeds(Number(values.seed), Number(values.most)),
  lanes: 1,
  onHistory: ({ seed, violations }) => {
    caught.histories++;
    const [violation] = violations;
    if (violation !== undefined) Object.assign(caught, { seed, violation });
    return violation === undefined;
  },
});

/** Of every two the first one is of the kind that shows the bug soonest; the others are as they come. */
function* likelySeeds(first: number, most: number): Generator<number> {
  let [likely, any] = [first, first];
  for (let n = 0; n < most; n++) {
    if (focus !== undefined && n % 2 === 0) {
      while (focusOf(likely) !== focus) likely++;
      yield likely++;
    } else yield any++;
  }
}

const met = new Set((globalThis as { mutated?: string[] }).mutated);
const missed = patches.filter(({ file }) => ![...met].some(url => url.endsWith(file)));
if (missed.length > 0) throw new Error(`never loaded: ${missed.map(({ file }) => file)}`);
console.log(JSON.stringify(caught));
