/** Gives a bug to a process of its own and waits for what the simulator says of it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Caught } from './hunt.ts';
import type { Mutant } from './mutants.ts';

const run = promisify(execFile);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** `dir` is the folder of a throw-away PostgreSQL; `most` histories are run from `seed` on. Throws where a patch does not fit. */
export async function catchMutant(
  mutant: Mutant,
  { dir, seed, most }: { dir: string; seed: number; most: number },
): Promise<Caught> {
  const args = [
    ...['--import', here('./patch.mjs'), '--import', 'tsx', here('./hunt.ts')],
    ...['--dir', dir, '--seed', String(seed), '--most', String(most)],
  ];
  const env = { ...process.env, MUTANT: JSON.stringify(mutant) };
  const { stdout } = await run(process.execPath, args, { env, maxBuffer: 1 << 24 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Caught;
}
