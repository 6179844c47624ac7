/** A transaction that a person named is looked up: every provider is asked in turn until one of them knows it. */
import { type Chain, ChainError, type Looked } from '../chains/chain.ts';
import type { Providers } from '../chains/failover.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import { Overloaded } from '../lib/group.ts';
import type { Logger } from '../lib/logger.ts';
import { Recent } from '../lib/recent.ts';
import { TokenBuckets } from '../lib/token-buckets.ts';
import { storedAbove } from '../store/cursors.ts';
import type { Db } from '../store/db.ts';
import { verifyProvider } from './verify-provider.ts';

export type LookUpDeps = {
  db: Db;
  network: Network;
  chains: readonly Chain[];
  clock: Clock;
  logger: Logger;
};

/**
 * What is known of a transaction; null when no provider could be asked before `signal` ended it. "Unknown" of one
 * provider is not the last word, because that one may lag, nor is a block that is not of our chain.
 */
export async function lookUp(
  deps: LookUpDeps,
  transactionId: string,
  signal: AbortSignal,
): Promise<Looked | null> {
  let report: Looked | null = null;
  for (const chain of deps.chains) {
    if (signal.aborted) break;
    try {
      await verifyProvider(deps, chain, signal);
      const answer = await chain.transaction(transactionId, signal);
      if (answer.kind === 'unknown') {
        report ??= answer;
        continue;
      }
      const above = await storedAbove(deps.db, deps.network.code, answer.block.height);
      report = { ...answer, above: null };
      if (!above || (await chain.block(above.height, signal))?.hash === above.hash)
        return { ...answer, above };
    } catch (error) {
      if (!(error instanceof ChainError) && !signal.aborted) throw error;
      deps.logger.warn({ network: deps.network.code, err: error }, 'a transaction could not be looked up');
    }
  }
  return report;
}

/** A payer's shop waits for the answer: a provider that does not tell in this time is as if it were not there. */
const TIMEOUT = 10_000;

export type LookUpOnDeps = Pick<LookUpDeps, 'db' | 'clock' | 'logger'> & {
  networks: ReadonlyMap<NetworkCode, Network>;
  providers: ReadonlyMap<NetworkCode, Providers>;
};

/**
 * How many look-ups a process makes on one network, whoever asks for them: providers count requests, and those that read
 * payments come from the same allowance.
 */
const PER_NETWORK = { perSecond: 5, burst: 40 };

/** For so long (ms) what no provider knew is not asked again: asking once more costs as much as the first time. */
const UNKNOWN_FOR = 5000;

/**
 * Looks transactions up on the network that is named; null too where none of that name is watched. Throws `Overloaded`
 * where more is asked than the network's providers are to bear.
 */
export function lookUpOn({ db, networks, providers, clock, logger }: LookUpOnDeps) {
  const asked = new TokenBuckets(PER_NETWORK);
  const unknown = new Recent(UNKNOWN_FOR);
  return async (code: NetworkCode, transactionId: string): Promise<Looked | null> => {
    const network = networks.get(code);
    if (!network) return null;
    const named = `${code} ${transactionId}`;
    if (unknown.has(named, clock.now())) return { kind: 'unknown' };
    if (asked.take(code, clock.now()) > 0) throw new Overloaded(`too many look-ups on ${code}`);
    const chains = (providers.get(code)?.usable() ?? []).map(({ chain }) => chain);
    const deps = { db, network, chains, clock, logger };
    const report = await lookUp(deps, transactionId, AbortSignal.timeout(TIMEOUT));
    if (report?.kind === 'unknown') unknown.add(named, clock.now());
    return report;
  };
}
