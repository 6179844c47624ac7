/** npm run decisions -- --times 1000000 --seed 1: pure decisions by the million against their models. */
import { parseArgs } from 'node:util';
import { decide } from './decide.ts';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
for (const { name, times, seconds } of decide(Number(values.times), Number(values.seed)))
  console.log(`${String(times).padStart(9)}  ${name}, ${seconds.toFixed(1)} s`);
