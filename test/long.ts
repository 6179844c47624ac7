/**
 * What takes too long for `npm test`: a million generated bodies signed by the real PHP, and as many simulated histories as
 * fit, from seeds that `npm test` does not run.
 *
 *     npm run test:long -- --minutes 8 --bodies 1000000 --seed 1000000
 */
import { parseArgs } from 'node:util';
import { tellDifferences } from './php-differential.ts';
import { runHistories } from './simulate/run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '8' },
    bodies: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1000000' },
  },
});
const first = Number(values.seed);

/** Answers whether all of them held. */
async function simulate(): Promise<boolean> {
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
  return broken === 0;
}

const isSigned = await tellDifferences(Number(values.bodies), first);
const isSound = await simulate();
process.exitCode = isSigned && isSound ? 0 : 1;
