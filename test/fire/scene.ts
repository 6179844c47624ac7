/** What every part of a run is given. */
import type { Chance } from '../seeded.ts';
import type { Field } from './field.ts';
import type { Figures } from './figures.ts';

export type Scene = {
  field: Field;
  chance: Chance;
  figures: Figures;
  rounds: number;
  /** Begins every reference, so that parts of a run, and runs, do not meet. */
  prefix: string;
  /** Whether the time is up: no more rounds, but all is judged. */
  isOver: () => boolean;
  shuffled: <T>(list: readonly T[]) => T[];
  say: (line: string) => void;
};

/** What a part is given that makes all it needs itself. */
export type Lone = Pick<Scene, 'figures' | 'rounds' | 'isOver' | 'say'> & { seed: number };

export function sceneOf(parts: Omit<Scene, 'shuffled'>): Scene {
  const { chance } = parts;
  const shuffled = <T>(list: readonly T[]): T[] => {
    const all = [...list];
    for (let last = all.length - 1; last > 0; last--) {
      const other = chance.below(last + 1);
      [all[last], all[other]] = [all[other] as T, all[last] as T];
    }
    return all;
  };
  return { ...parts, shuffled };
}

/** One part after the other; all complaints. */
export async function inTurn(
  scene: Scene,
  parts: readonly ((scene: Scene) => Promise<string[]>)[],
): Promise<string[]> {
  const complaints: string[] = [];
  for (const part of parts) {
    const found = await part(scene);
    scene.say(`${part.name}: ${found.length} complaints`);
    complaints.push(...found);
  }
  return complaints;
}
