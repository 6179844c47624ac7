/**
 * Two providers have different blocks at a height that can no longer be undone: one of them is on a fork. Every provider
 * is asked; the larger side is believed, and of equal sides the one that has what we have read.
 */

import { mapBounded } from '../chains/bounded.ts';
import { type Block, ChainError } from '../chains/chain.ts';
import type { Member, Providers } from '../chains/failover.ts';

type Sides = { ours: Member[]; theirs: Member[] };

/** Who has our block at its height, and who has another; whoever has none or does not answer is on no side. */
export async function takeSides(
  providers: Providers,
  ours: { height: number; hash: string },
  signal: AbortSignal,
): Promise<Sides> {
  const members = providers.usable();
  const blocks = await mapBounded(members, (member, linked) => blockOf(member, ours.height, linked), signal);
  const having = (fits: (block: Block) => boolean) =>
    members.filter((_, index) => {
      const block = blocks[index];
      return block ? fits(block) : false;
    });
  return {
    ours: having(block => block.hash === ours.hash),
    theirs: having(block => block.hash !== ours.hash),
  };
}

async function blockOf({ chain }: Member, height: number, signal: AbortSignal): Promise<Block | null> {
  try {
    return await chain.block(height, signal);
  } catch (error) {
    if (error instanceof ChainError) return null;
    throw error;
  }
}

/** Whether what we have read stands. */
export const weStand = ({ ours, theirs }: Sides): boolean => ours.length > 0 && ours.length >= theirs.length;
