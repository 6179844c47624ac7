/**
 * Real processes under fire, for as long as one likes:
 *
 *     npm run fire -- --rounds 200 --seed 1 [--only NAME,NAME] [--minutes M]
 *
 * Prints what was done and measured, and every complaint of the independent checker; ends with 1 when there is one. Each
 * part ends with all of it in one line of JSON: `load` is the mean number of processes that wanted to run, of 15 minutes.
 */
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Chance } from '../seeded.ts';
import { Field } from './field.ts';
import { Figures } from './figures.ts';
import { type Fielded, type Scenario, scenarios } from './scenarios.ts';
import { sceneOf } from './scene.ts';
import { onSmallDisk, whyNoSmallDisk } from './small-disk.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    minutes: { type: 'string', default: '600' },
    /** Said by small-disk.ts alone. */
    disk: { type: 'string' },
  },
});
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
const chosen = Object.entries(scenarios).filter(
  ([name]) => !values.only || values.only.split(',').includes(name),
);
if (chosen.length === 0) {
  console.error(`--only: is one of ${Object.keys(scenarios).join(', ')}`);
  process.exit(2);
}
const commit = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=7', '--match', 'none'], {
  encoding: 'utf8',
}).trim();
// The first Ctrl-C ends the rounds, and what was done is judged; the second ends all. What was started ends with this
// process (process.ts), but for that it has to end and not only die.
let isOver = false;
process.on('SIGINT', () => {
  if (isOver) process.exit(130);
  isOver = true;
});
process.once('SIGTERM', () => process.exit(143));
let broken = 0;
for (const [name, scenario] of chosen) {
  const isForDisk = 'smallDisk' in scenario && scenario.smallDisk === true;
  if (!isForDisk || values.disk) broken += await runOne(name, scenario);
  else if (whyNoSmallDisk()) console.log(`${name}: left out, because ${whyNoSmallDisk()}\n`);
  else broken += await onSmallDisk(['--only', name, '--seed', String(seed), '--rounds', String(rounds)]);
}
process.exit(broken > 0 ? 1 : 0);

/** Answers how many complaints there were. */
async function runOne(name: string, scenario: Scenario): Promise<number> {
  const begun = performance.now();
  const seconds = () => ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`${name}: ${scenario.what}`);
  const figures = new Figures();
  const say = (line: string) => console.log(`  ${seconds().padStart(5)} s  ${line}`);
  const isEnough = () => isOver || performance.now() - begun > Number(values.minutes) * 60_000;
  const given = { figures, rounds, say, isOver: isEnough };
  const complaints = await ('alone' in scenario
    ? scenario.alone({ ...given, seed })
    : onField(scenario, { ...given, prefix: `${seed}-${name}`, chance: new Chance(seed) })
  ).catch(error => [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
  for (const line of figures.lines()) console.log(`  ${line}`);
  for (const complaint of complaints) console.log(`  BROKEN: ${complaint}`);
  console.log(`  seed ${seed}, ${seconds()} s, ${complaints.length} complaints`);
  const about = { part: name, seed, rounds, commit, seconds: Number(seconds()), load: loadavg()[2] };
  console.log(`${JSON.stringify({ ...about, ...figures.summary(), complaints })}\n`);
  return complaints.length;
}

async function onField(
  { run, rpc }: Fielded,
  parts: Omit<Parameters<typeof sceneOf>[0], 'field'>,
): Promise<string[]> {
  const field = await Field.open({ ...(rpc && { rpc }), ...(values.disk && { disk: values.disk }) });
  try {
    return await run(sceneOf({ ...parts, field }), values.disk ?? '');
  } catch (error) {
    for (const { name: gateway, log } of field.gateways) console.log(`--- ${gateway}\n${log.slice(-4000)}`);
    throw error;
  } finally {
    await field.close();
  }
}
