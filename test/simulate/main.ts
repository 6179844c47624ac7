/** npm run simulate -- --histories N --seed S: prints what was run and reached, and every history that broke a rule. */
import { parseArgs } from 'node:util';
import { runHistories } from './run.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.histories);
const begun = performance.now();
const reached = new Map<string, number>();
const broken: number[] = [];
let steps = 0;
let done = 0;

await runHistories({
  seeds: Array.from({ length: count }, (_, index) => first + index),
  lanes: Number(values.lanes),
  onHistory: result => {
    done++;
    steps += result.steps;
    for (const [name, times] of result.reached) reached.set(name, (reached.get(name) ?? 0) + times);
    if (result.violations.length > 0) {
      broken.push(result.seed);
      console.log(`seed ${result.seed} (trace ${result.hash}) broke:\n  ${result.violations.join('\n  ')}`);
      if (!values.trace) console.log(result.trace.slice(-25).join('\n'));
    }
    if (values.trace) console.log(result.trace.join('\n'));
    return broken.length < 5;
  },
});

const seconds = (performance.now() - begun) / 1000;
console.log(
  `${done} histories, seeds ${first} to ${first + count - 1}, ${steps} steps, ${seconds.toFixed(1)} s`,
);
console.log(
  [...reached]
    .sort()
    .map(([name, times]) => `  ${String(times).padStart(6)}  ${name}`)
    .join('\n'),
);
if (broken.length > 0)
  console.log(`broken: ${broken.join(', ')}; run one alone with --histories 1 --seed N --trace`);
process.exitCode = broken.length > 0 ? 1 : 0;
