/** npm run mutants -- --most 1000 --only NAME: proves that the simulator sees every one of the bugs; fails when one survives. */
import { parseArgs } from 'node:util';
import { startThrowAway } from '../simulate/run.ts';
import { catchMutant } from './catch.ts';
import { type Mutant, mutants } from './mutants.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    most: { type: 'string', default: '1000' },
    lanes: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});

const asked = mutants.filter(({ name }) => values.only === undefined || name.includes(values.only));
const survivors: string[] = [];
const server = await startThrowAway();
console.log('| bug | caught after histories | seed | how it showed |\n| --- | --- | --- | --- |');

async function hunt(mutant: Mutant): Promise<void> {
  const options = { dir: server.dir, seed: Number(values.seed), most: Number(values.most) };
  const { seed, histories, violation } = await catchMutant(mutant, options);
  if (seed === null) survivors.push(mutant.name);
  const how = violation.split('\n')[0]?.slice(0, 120);
  console.log(`| ${mutant.breaks} | ${seed === null ? 'not at all' : histories} | ${seed ?? '–'} | ${how} |`);
}

try {
  const waiting = [...asked];
  const lane = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) await hunt(mutant);
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
} finally {
  await server.close();
}
console.log(
  survivors.length > 0
    ? `${survivors.length} of ${asked.length} survive: ${survivors.join(', ')}`
    : `all ${asked.length} were caught`,
);
process.exitCode = survivors.length > 0 ? 1 : 0;
