/** No provider is believed before it has shown that it serves the right chain and the right tokens. */
import { type Chain, Untrusted } from '../chains/chain.ts';
import { lastBroken } from '../chains/failover.ts';
import { identityFaults } from '../chains/identity.ts';
import type { Network } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

/** A URL may come to lead elsewhere: the proof is asked for again after this long, and after it was gone for a while. */
const VALID_FOR = 10 * 60_000;

const provenAt = new WeakMap<Chain, number>();

/** Throws Untrusted, which sends the reader on to the next provider, when the provider is not what it should be. */
export async function verifyProvider(
  { network, clock, logger }: { network: Network; clock: Clock; logger: Logger },
  chain: Chain,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now();
  const proven = provenAt.get(chain) ?? Number.NEGATIVE_INFINITY;
  if (now - proven < VALID_FOR && proven > lastBroken(chain)) return;
  const faults = identityFaults(await chain.identity(signal), network);
  if (faults.length > 0) {
    logger.error({ network: network.code, faults }, 'a provider is refused');
    throw new Untrusted('wrong_chain', `a provider of ${network.code} is refused: ${faults.join('; ')}`);
  }
  provenAt.set(chain, now);
}
