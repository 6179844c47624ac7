/** The stages that ask the providers of one network, and how often each does. */
import type { Providers } from '../chains/failover.ts';
import type { Network } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Stage } from '../lib/loop.ts';
import type { Vault } from '../lib/vault.ts';
import { findCursor } from '../store/cursors.ts';
import type { Db } from '../store/db.ts';
import type { WakeListener } from '../store/wake.ts';
import { agree, agreeMemory } from './agree.ts';
import { checkBalances } from './check-balances.ts';
import { noteMemory, noteProviders } from './note-providers.ts';
import { recheck } from './recheck.ts';
import { watch } from './watch.ts';

export type TurnDeps = Pick<NetworkDeps, 'db' | 'clock' | 'listener' | 'network'>;

type NetworkDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  logger: Logger;
  listener: WakeListener;
  network: Network;
  providers: Providers;
};

const RECHECK_MINUTES = 10;

/** One process an installation watches a network: the others would only read the same again. */
export function networkStages({ listener, ...deps }: NetworkDeps): Stage[] {
  const { network, providers, logger } = deps;
  const name = lockOf(network);
  const isOurs = turns({ listener, ...deps });
  const alone =
    (tick: Stage['tick']): Stage['tick'] =>
    async signal =>
      (await isOurs()) ? tick(signal) : 0;
  const noting = { ...deps, memory: noteMemory() };
  const stages: Stage[] = [
    {
      name,
      every: network.onDemand ? 250 : Math.min(Math.max(network.blockTime / 2, 500), 3000),
      tick: alone(signal => watch(deps, signal)),
    },
    { name: `providers ${network.code}`, every: 5000, tick: alone(signal => noteProviders(noting, signal)) },
  ];
  const balances = { name: `balances ${network.code}`, every: network.onDemand ? 1000 : 60_000 };
  stages.push({ ...balances, tick: alone(signal => checkBalances(deps, signal)) });
  // A local chain has one provider, and what it says is the truth.
  if (network.onDemand) return stages;
  if (providers.members.length === 1)
    logger.warn(
      { network: network.code },
      'one provider only: nothing it says can be held against another, and it reads again what it has read',
    );
  if (network.agreeAbove !== undefined) {
    const agreeing = { ...deps, memory: agreeMemory() };
    stages.push({
      name: `agree ${network.code}`,
      every: 5000,
      tick: alone(signal => agree(agreeing, signal)),
    });
  }
  const every = (network.recheckMinutes ?? RECHECK_MINUTES) * 60_000;
  return [
    ...stages,
    { name: `recheck ${network.code}`, every, tick: alone(signal => recheck(deps, signal)) },
  ];
}

/** The cursor's row changes every ten seconds at least, while somebody reads and the chain can be reached. */
const LEFT_ALONE = 60_000;
const STAND_IN = 10 * 60_000;

const lockOf = ({ code }: Network) => `watch ${code}`;

/**
 * Whether this process reads the network now. The lock says whose turn it is; but a process may have it and get nowhere,
 * because it alone reaches no provider. Where the cursor is left alone for a minute, others read for a while as well: it is
 * moved from one version to the next, so two that read do no harm.
 */
export function turns({ db, clock, listener, network }: TurnDeps): () => Promise<boolean> {
  let seen = { mark: '', at: clock.now() };
  let standsInUntil = 0;
  return async () => {
    if (await listener.tryLock(lockOf(network))) return true;
    const now = clock.now();
    if (now < standsInUntil) return true;
    const cursor = await findCursor(db, network.code);
    const mark = cursor ? `${cursor.version} ${cursor.caught_up_at}` : '';
    if (mark !== seen.mark) seen = { mark, at: now };
    if (now - seen.at > LEFT_ALONE) standsInUntil = now + STAND_IN;
    return now < standsInUntil;
  };
}
