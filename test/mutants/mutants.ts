/**
 * Bugs that the simulator must see. Each is a change of the source, made as it is loaded (patch.mjs): the text to find must
 * be there exactly once, and a test says so as soon as the source has moved on.
 */
import type { Focus } from '../simulate/focus.ts';
import { chainMutants } from './chain-mutants.ts';
import { moneyMutants } from './money-mutants.ts';
import { partMutants } from './part-mutants.ts';
import { providerMutants } from './provider-mutants.ts';
import { shopMutants } from './shop-mutants.ts';

/** A file from the root of the repository, and what stands there instead of a text. */
type Patch = { file: string; find: string; replace: string };

/** `breaks` completes the sentence "a bug by which …". `focus`: histories of which kind show it soonest; without one any do. */
export type Mutant = { name: string; breaks: string; focus?: Focus; patches: readonly Patch[] };

export const mutants: readonly Mutant[] = [
  ...providerMutants,
  ...chainMutants,
  ...moneyMutants,
  ...partMutants,
  ...shopMutants,
];
