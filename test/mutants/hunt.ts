/** A process of its own with one bug in it: runs histories until one breaks a rule, and says which. */
import { parseArgs } from 'node:util';
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
const { patches } = JSON.parse(process.env.MUTANT ?? '{}') as Mutant;
const first = Number(values.seed);
const caught: Caught = { seed: null, histories: 0, violation: '' };

await runHistories({
  ...(values.dir === undefined ? {} : { dir: values.dir }),
  seeds: Array.from({ length: Number(values.most) }, (_, index) => first + index),
  lanes: 1,
  onHistory: ({ seed, violations }) => {
    caught.histories++;
    const [violation] = violations;
    if (violation !== undefined) Object.assign(caught, { seed, violation });
    return violation === undefined;
  },
});

const met = new Set((globalThis as { mutated?: string[] }).mutated);
const missed = patches.filter(({ file }) => ![...met].some(url => url.endsWith(file)));
if (missed.length > 0) throw new Error(`never loaded: ${missed.map(({ file }) => file)}`);
console.log(JSON.stringify(caught));
