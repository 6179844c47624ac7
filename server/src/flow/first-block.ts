/** Where a network is read from on, which is decided once: whoever begins a million blocks back reads them all. */
import { type Block, type Chain, ChainError, type Head } from '../chains/chain.ts';
import { type Network, networks } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';

/** Longer ago than this no final block of a public network is, in ms, unless the provider is still catching up. */
const OLDEST = 3_600_000;

/**
 * The final block of a head; the first one of a chain that is too young to have any. Throws a retryable ChainError where
 * the provider does not name the block that is final now: it knows none at the moment, or (as BSC does without
 * attestations) names the first one, or is not that far itself.
 */
export async function firstBlock(
  { network, clock }: { network: Network; clock: Clock },
  { chain, tip, final }: Head & { chain: Chain },
  signal: AbortSignal,
): Promise<Block | null> {
  const isYoung = network.onDemand || tip.height < network.finality.depth;
  if (final < 0 && !isYoung) throw unsaid('names no final block');
  const block = await chain.block(Math.max(final, 0), signal);
  if (block && isPublic(network) && clock.now() - block.time > OLDEST)
    throw unsaid(`names block ${block.height} of ${new Date(block.time).toISOString()} as the final one`);
  return block;
}

/** On a private chain nobody may have sent anything for hours. */
const isPublic = ({ code, chainId, onDemand }: Network) => !onDemand && chainId === networks[code].chainId;

const unsaid = (what: string) =>
  new ChainError(`the provider ${what}: reading cannot begin there`, { retryable: true });
