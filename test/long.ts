/**
 * What takes too long for `npm test`: a million generated bodies signed by the real PHP, pure decisions by the million, as many
 * simulated histories as fit from seeds that `npm test` does not run, twenty of them twice; with --mutants some of the bugs that
 * must show, others with every seed.
 *
 *     npm run test:long -- --minutes 10 --histories 100000 --bodies 1000000 --decisions 1000000 --mutants 0 --seed 1000000
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { decide } from './decisions/decide.ts';
import { huntAll } from './mutants/hunt-all.ts';
import { mutants } from './mutants/mutants.ts';
import { tellDifferences } from './php-differential.ts';
import { Reach } from './simulate/reach.ts';
import { runHistories } from './simulate/run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    /** Never more than so many, however fast the machine. */
    histories: { type: 'string', default: '100000' },
    bodies: { type: 'string', default: '1000000' },
    decisions: { type: 'string', default: '1000000' },
    /** How many bugs are looked for; `npm run mutants` looks for all. */
    mutants: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1000000' },
  },
});
const first = Number(values.seed);
const LANES = 2;
const REPLAYED = 20;
/** Histories against each bug, at most. */
const MOST_AGAINST_A_BUG = 300;

function decisions(): boolean {
  for (const { name, times, seconds } of decide(Number(values.decisions), first))
    console.log(`${times} × ${name}, ${seconds.toFixed(1)} s`);
  return true;
}

/** Answers whether all of them held, and met what they must. */
async function simulate(): Promise<boolean> {
  const deadline = performance.now() + Number(values.minutes) * 60_000;
  const reach = new Reach();
  let done = 0;
  let broken = 0;
  function* seeds(): Generator<number> {
    const end = first + Number(values.histories);
    for (let seed = first; seed < end && performance.now() < deadline; seed++) yield seed;
  }
  await runHistories({
    seeds: seeds(),
    lanes: LANES,
    alone: true,
    onHistory: result => {
      done++;
      reach.add(result);
      const { seed, violations, trace } = result;
      if (violations.length > 0) {
        broken++;
        console.log(`seed ${seed} broke:\n  ${violations.join('\n  ')}\n${trace.slice(-25).join('\n')}`);
      }
      return broken === 0;
    },
  });
  console.log(reach.table());
  const missed = reach.missed();
  for (const one of missed) console.log(`met too seldom: ${one}`);
  console.log(`${done} histories from seed ${first}, ${broken} broken, commit ${commit()}`);
  return broken === 0 && missed.length === 0;
}

/** Whether a seed does the same every time, whatever ran before it on the same database. */
async function replay(): Promise<boolean> {
  const seeds = Array.from({ length: REPLAYED }, (_, index) => first + index);
  const hashes = new Map<number, Set<string>>();
  await runHistories({
    seeds: [...seeds, ...seeds.toReversed()],
    lanes: LANES,
    onHistory: ({ seed, hash }) => {
      hashes.set(seed, (hashes.get(seed) ?? new Set()).add(hash));
      return true;
    },
  });
  const differing = [...hashes].filter(([, of]) => of.size > 1).map(([seed]) => seed);
  console.log(`${REPLAYED} seeds run twice, ${differing.length} differ${differing.map(seed => ` ${seed}`)}`);
  return differing.length === 0;
}

/** Whether a sample of the bugs is seen: those that follow one another from a place which the seed says. */
async function bugs(): Promise<boolean> {
  const count = Number(values.mutants);
  if (count === 0) return true;
  const sample = Array.from({ length: count }, (_, n) => mutants[(first + n) % mutants.length]);
  const survivors = await huntAll(
    sample.filter(mutant => mutant !== undefined),
    { seed: 1, most: MOST_AGAINST_A_BUG, lanes: LANES, tell: console.log },
  );
  console.log(`${count} of ${mutants.length} bugs, ${survivors.length} not shown: ${survivors.join(', ')}`);
  return survivors.length === 0;
}

function commit(): string {
  return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { encoding: 'utf8' }).trim();
}

const isSigned = await tellDifferences(Number(values.bodies), first);
const isDecided = decisions();
const isSame = await replay();
const isSound = await simulate();
const isSeen = await bugs();
process.exitCode = isSigned && isDecided && isSame && isSound && isSeen ? 0 : 1;
