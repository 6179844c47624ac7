/**
 * Bugs that the simulator must see. Each is a change of the source, made as it is loaded (patch.mjs): the text to find must
 * be there exactly once, and a test says so as soon as the source has moved on.
 */
import { chainMutants } from './chain-mutants.ts';
import { moneyMutants } from './money-mutants.ts';
import { shopMutants } from './shop-mutants.ts';

/** A file from the root of the repository, and what stands there instead of a text. */
type Patch = { file: string; find: string; replace: string };

/** `breaks` completes the sentence "a bug by which …". */
export type Mutant = { name: string; breaks: string; patches: readonly Patch[] };

export const mutants: readonly Mutant[] = [...chainMutants, ...moneyMutants, ...shopMutants];
