/** A transaction that a person named is looked up: every provider is asked in turn until one of them knows it, or two where two must. */
import { type Chain, ChainError, type Looked } from '../chains/chain.ts';
import type { Providers } from '../chains/failover.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import { Overloaded } from '../lib/group.ts';
import type { Logger } from '../lib/logger.ts';
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
 * provider is not the last word, because that one may lag, nor is a block that is not of our chain. `enough`: how many are to show the
 * same; where fewer do, what most of them show is answered.
 */
export async function lookUp(
  deps: LookUpDeps,
  transactionId: string,
  signal: AbortSignal,
  enough = 1,
): Promise<Looked | null> {
  const said = new Map<string, Looked & { shownBy: number; isOurs: boolean }>();
  for (const chain of deps.chains) {
    if (signal.aborted) break;
    try {
      const one = await askOne(deps, chain, transactionId, signal);
      const text = textOf(one);
      const shownBy = (said.get(text)?.shownBy ?? 0) + 1;
      said.set(text, { ...one, shownBy });
      if (one.isOurs && shownBy >= enough) break;
    } catch (error) {
      if (!(error instanceof ChainError) && !signal.aborted) throw error;
      deps.logger.warn({ network: deps.network.code, err: error }, 'a transaction could not be looked up');
    }
  }
  const weight = ({ kind, isOurs, shownBy }: Looked & { shownBy: number; isOurs: boolean }) =>
    kind === 'unknown' ? -1 : shownBy + (isOurs ? deps.chains.length : 0);
  const [best] = [...said.values()].toSorted((one, other) => weight(other) - weight(one));
  if (!best) return null;
  const { isOurs: _, ...report } = best;
  return { ...report, asked: deps.chains.length };
}

/** `isOurs`: its block is not known to be of another chain than the one that was read. */
async function askOne(
  deps: LookUpDeps,
  chain: Chain,
  transactionId: string,
  signal: AbortSignal,
): Promise<Looked & { isOurs: boolean }> {
  await verifyProvider(deps, chain, signal);
  const answer = await chain.transaction(transactionId, signal);
  if (answer.kind === 'unknown') return { ...answer, isOurs: false };
  const above = await storedAbove(deps.db, deps.network.code, answer.block.height);
  const isOurs = !above || (await chain.block(above.height, signal))?.hash === above.hash;
  return { ...answer, above: isOurs ? above : null, isOurs };
}

/** The same text for the same answer. */
function textOf(report: Looked): string {
  if (report.kind === 'unknown') return report.kind;
  const transfers = report.kind === 'found' ? report.transfers : [];
  const texts = transfers.map(t => [t.asset, t.from, t.to, t.units, t.ordinal].join(' '));
  return [report.kind, report.block.hash, ...texts.toSorted()].join('\n');
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

/**
 * Looks transactions up on the network that is named; null too where none of that name is watched. Throws `Overloaded`
 * where more is asked than the network's providers are to bear.
 */
export function lookUpOn({ db, networks, providers, clock, logger }: LookUpOnDeps) {
  const asked = new TokenBuckets(PER_NETWORK);
  return async (code: NetworkCode, transactionId: string, enough: number): Promise<Looked | null> => {
    const network = networks.get(code);
    if (!network) return null;
    if (asked.take(code, clock.now()) > 0) throw new Overloaded(`too many look-ups on ${code}`);
    const chains = (providers.get(code)?.usable() ?? []).map(({ chain }) => chain);
    const deps = { db, network, chains, clock, logger };
    return lookUp(deps, transactionId, AbortSignal.timeout(TIMEOUT), enough);
  };
}
