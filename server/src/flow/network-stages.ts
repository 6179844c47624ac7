/** The stages that ask the providers of one network, and how often each does. */
import type { Providers } from '../chains/failover.ts';
import type { Network } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Stage } from '../lib/loop.ts';
import type { Db } from '../store/db.ts';
import type { WakeListener } from '../store/wake.ts';
import { agree } from './agree.ts';
import { noteMemory, noteProviders } from './note-providers.ts';
import { recheck } from './recheck.ts';
import { watch } from './watch.ts';

type NetworkDeps = {
  db: Db;
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
  const name = `watch ${network.code}`;
  const alone =
    (tick: Stage['tick']): Stage['tick'] =>
    async signal =>
      (await listener.tryLock(name)) ? tick(signal) : 0;
  const noting = { ...deps, memory: noteMemory() };
  const stages: Stage[] = [
    {
      name,
      every: network.onDemand ? 250 : Math.min(Math.max(network.blockTime / 2, 500), 3000),
      tick: alone(signal => watch(deps, signal)),
    },
    { name: `providers ${network.code}`, every: 5000, tick: alone(signal => noteProviders(noting, signal)) },
  ];
  // A local chain has one provider, and what it says is the truth.
  if (network.onDemand) return stages;
  if (providers.members.length === 1)
    logger.warn(
      { network: network.code },
      'one provider only: nothing it says can be held against another, and it reads again what it has read',
    );
  if (network.agreeAbove !== undefined) {
    const agreeing = { ...deps, memory: new Map<number, number>() };
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
