/**
 * npm run simulate -- --histories N --seed S: prints what was run and reached, and every history that broke a rule. With
 * --out FILE the sum so far is kept there, and a run of the same commit and first seed goes on from it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { HistoryResult } from './history.ts';
import { Reach } from './reach.ts';
import { runHistories } from './run.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '2' },
    out: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const TELL_EVERY = 30_000;
const MOST_BROKEN = 5;

type Sum = {
  commit: string;
  first: number;
  /** Histories that ended, the seeds from `first` on without a gap. */
  histories: number;
  steps: number;
  seconds: number;
  broken: { seed: number; hash: string; violations: string[] }[];
  reach: ReturnType<Reach['toJSON']>;
};

const commit = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], {
  encoding: 'utf8',
}).trim();
const first = Number(values.seed);
const count = Number(values.histories);

function begin(): Sum {
  const fresh = {
    commit,
    first,
    histories: 0,
    steps: 0,
    seconds: 0,
    broken: [],
    reach: new Reach().toJSON(),
  };
  if (values.out === undefined || !existsSync(values.out)) return fresh;
  const kept = JSON.parse(readFileSync(values.out, 'utf8')) as Sum;
  if (kept.commit !== commit || kept.first !== first)
    throw new Error(`${values.out} is of seeds from ${kept.first} at ${kept.commit}: give another file`);
  return kept;
}

const sum = begin();
const reach = Reach.from(sum.reach);
const before = sum.seconds;
const begun = performance.now();
const early = new Map<number, HistoryResult>();
let toldAt = begun;

/** Summed in the order of the seeds, so that what is kept is of a range without a gap. */
function add(result: HistoryResult): void {
  early.set(result.seed, result);
  for (let next = early.get(first + sum.histories); next; next = early.get(first + sum.histories)) {
    early.delete(next.seed);
    sum.histories++;
    sum.steps += next.steps;
    reach.add(next);
    if (next.violations.length > 0)
      sum.broken.push({ seed: next.seed, hash: next.hash, violations: next.violations });
  }
}

function keep(): void {
  sum.seconds = before + (performance.now() - begun) / 1000;
  sum.reach = reach.toJSON();
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(sum, null, 2)}\n`);
}

function tell(result: HistoryResult): void {
  if (result.violations.length > 0) {
    console.log(`seed ${result.seed} (trace ${result.hash}) broke:\n  ${result.violations.join('\n  ')}`);
    if (!values.trace) console.log(result.trace.slice(-25).join('\n'));
  }
  if (values.trace) console.log(result.trace.join('\n'));
  if (performance.now() - toldAt < TELL_EVERY) return;
  toldAt = performance.now();
  keep();
  const rate = (sum.histories / sum.seconds).toFixed(1);
  console.log(`${sum.histories} of ${count} histories, ${rate} a second, ${sum.broken.length} broken`);
}

await runHistories({
  seeds: Array.from({ length: count - sum.histories }, (_, index) => first + sum.histories + index),
  lanes: values.trace ? 1 : Number(values.lanes),
  alone: true,
  onHistory: result => {
    add(result);
    tell(result);
    return sum.broken.length < MOST_BROKEN;
  },
});

keep();
const missed = reach.missed();
console.log(reach.table());
console.log(
  `${sum.histories} histories, seeds ${first} to ${first + sum.histories - 1}, ${sum.steps} steps, ${sum.seconds.toFixed(1)} s, commit ${commit}`,
);
for (const one of missed) console.log(`met too seldom: ${one}`);
const broken = sum.broken.map(({ seed }) => seed);
if (broken.length > 0)
  console.log(`broken: ${broken.join(', ')}; run one alone with --histories 1 --seed N --trace`);
process.exitCode = broken.length > 0 || missed.length > 0 ? 1 : 0;
