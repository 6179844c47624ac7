/** Hunts many bugs, several at a time, on one throw-away PostgreSQL. */
import { startThrowAway } from '../simulate/throw-away.ts';
import { catchMutant } from './catch.ts';
import type { Mutant } from './mutants.ts';

export type HuntOptions = {
  seed: number;
  /** Histories that are run against one bug before it counts as one that survives. */
  most: number;
  lanes: number;
  /** Takes a line of a table at a time. */
  tell: (line: string) => void;
};

/** Answers the names of the bugs that no history has shown. */
export async function huntAll(
  mutants: readonly Mutant[],
  { seed: first, most, lanes, tell }: HuntOptions,
): Promise<string[]> {
  const survivors: string[] = [];
  const waiting = [...mutants];
  const server = await startThrowAway();
  const lane = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const caught = await catchMutant(mutant, { dir: server.dir, seed: first, most });
      if (caught.seed === null) survivors.push(mutant.name);
      const when = caught.seed === null ? 'not at all' : caught.histories;
      tell(
        `| ${mutant.name}: ${mutant.breaks} | ${when} | ${caught.violation.split('\n')[0]?.slice(0, 120)} |`,
      );
    }
  };
  tell('| bug | shown by history number | how |\n| --- | --- | --- |');
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    await server.close();
  }
  return survivors;
}
