/** npm run mutants -- --most 300 --only NAME: proves that the simulator sees every one of the bugs; fails when one survives. */
import { parseArgs } from 'node:util';
import { huntAll } from './hunt-all.ts';
import { mutants } from './mutants.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    most: { type: 'string', default: '300' },
    lanes: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});

const asked = mutants.filter(({ name }) => values.only === undefined || name.includes(values.only));
if (asked.length === 0) throw new Error(`no bug is called ${values.only}`);
const survivors = await huntAll(asked, {
  seed: Number(values.seed),
  most: Number(values.most),
  lanes: Number(values.lanes),
  tell: console.log,
});
console.log(
  survivors.length > 0
    ? `${survivors.length} of ${asked.length} survive: ${survivors.join(', ')}`
    : `all ${asked.length} were caught`,
);
process.exitCode = survivors.length > 0 ? 1 : 0;
