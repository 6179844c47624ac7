import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { catchMutant } from './catch.ts';
import { type Mutant, mutants } from './mutants.ts';

const named = (name: string): Mutant => mutants.find(mutant => mutant.name === name)!;

test('each bug has a name of its own, and every patch fits the source exactly once', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  const misfits = mutants.flatMap(({ name, patches }) =>
    patches
      .filter(({ file, find }) => readFileSync(file, 'utf8').split(find).length !== 2)
      .map(({ file, find }) => `${name}: ${file}: ${find}`),
  );
  expect(misfits).toEqual([]);
});

/** A few that show soon; `npm run mutants` hunts all of them. */
test.each(['keyed by place', 'removed is ignored'])(
  'the simulator sees the bug "%s"',
  { timeout: 600_000 },
  async name => {
    const { dir } = inject('postgres');
    const { seed, violation } = await catchMutant(named(name), { dir, seed: 1, most: 40 });
    expect({ seed, violation }).toEqual({ seed: expect.any(Number), violation: expect.any(String) });
  },
);

test('a patch that does not fit ends the run loudly', { timeout: 300_000 }, async () => {
  const { dir } = inject('postgres');
  const misfit = {
    name: 'misfit',
    breaks: '',
    patches: [{ file: 'server/src/flow/match.ts', find: 'no such text', replace: '' }],
  };
  await expect(catchMutant(misfit, { dir, seed: 1, most: 1 })).rejects.toThrow(
    'found 0 times in server/src/flow/match.ts',
  );
});
