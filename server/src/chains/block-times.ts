/** What the times of blocks say of the provider that gave them. */
import type { Network } from '../domain/asset.ts';
import { type Block, Untrusted } from './chain.ts';

/**
 * Throws Untrusted where a block is older than one before it, which every network rules out (Ethereum: https://ethereum.github.io/yellowpaper/paper.pdf,
 * 4.3.4; where blocks come faster than seconds, two may have one), but for a local chain, whose clock anybody may put back. `blocks`: of one
 * chain, the lowest first, with or without gaps.
 */
export function requireTimeOrder({ onDemand }: Network, blocks: readonly Block[]): void {
  if (onDemand) return;
  for (const [index, block] of blocks.entries()) {
    const before = blocks[index - 1];
    if (before && block.time < before.time)
      throw new Untrusted(
        'contradiction',
        `the provider shows block ${block.height} older than one before it`,
      );
  }
}
