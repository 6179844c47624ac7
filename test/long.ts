/** npm run test:long -- --minutes N: as many simulated histories as fit, from seeds that `npm test` does not run. */
import { parseArgs } from 'node:util';
import { runHistories } from './simulate/run.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '8' }, seed: { type: 'string', default: '1000000' } },
});
const first = Number(values.seed);
const deadline = performance.now() + Number(values.minutes) * 60_000;
let done = 0;
let broken = 0;

function* seeds(): Generator<number> {
  for (let seed = first; performance.now() < deadline; seed++) yield seed;
}

await runHistories({
  seeds: seeds(),
  lanes: 2,
  onHistory: ({ seed, violations, trace }) => {
    done++;
    if (violations.length > 0) {
      broken++;
      console.log(`seed ${seed} broke:\n  ${violations.join('\n  ')}\n${trace.slice(-25).join('\n')}`);
    }
    return broken === 0;
  },
});
console.log(`${done} histories from seed ${first}, ${broken} broken`);
process.exitCode = broken > 0 ? 1 : 0;
