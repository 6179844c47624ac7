/** No provider is believed before it has shown that it serves the right chain and the right tokens. */
import { type Chain, ChainError } from '../chains/chain.ts';
import { identityFaults } from '../chains/identity.ts';
import type { Network } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

/** A URL may come to lead elsewhere: the proof is asked for again after this long. */
const VALID_FOR = 10 * 60_000;

const provenAt = new WeakMap<Chain, number>();

/** Throws a ChainError, which sends the reader on to the next provider, when the provider is not what it should be. */
export async function verifyProvider(
  { network, clock, logger }: { network: Network; clock: Clock; logger: Logger },
  chain: Chain,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now();
  if (now - (provenAt.get(chain) ?? Number.NEGATIVE_INFINITY) < VALID_FOR) return;
  const faults = identityFaults(await chain.identity(signal), network);
  if (faults.length > 0) {
    logger.error({ network: network.code, faults }, 'a provider is refused');
    throw new ChainError(`a provider of ${network.code} is refused: ${faults.join('; ')}`, {
      retryable: true,
    });
  }
  provenAt.set(chain, now);
}
