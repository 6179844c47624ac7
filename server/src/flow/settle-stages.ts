/** The stages of the role `settle`, and how often each runs. */
import type { Stage } from '../lib/loop.ts';
import type { Vault } from '../lib/vault.ts';
import type { WakeListener } from '../store/wake.ts';
import { checkWallets } from './check-wallets.ts';
import { expire } from './expire.ts';
import { type MatchDeps, match } from './match.ts';
import { type RefreshDeps, refreshMemory, refreshRates } from './refresh-rates.ts';
import { settle } from './settle.ts';
import { sweep } from './sweep.ts';

type SettleStagesDeps = Omit<MatchDeps, 'rateOf' | 'coinRateOf'> &
  Omit<RefreshDeps, 'memory'> & {
    vault: Vault;
    listener: WakeListener;
  };

export function settleStages({ listener, ...deps }: SettleStagesDeps): Stage[] {
  /** What one process of an installation does for all. */
  const alone =
    (name: string, tick: Stage['tick']): Stage['tick'] =>
    async signal =>
      (await listener.tryLock(name)) ? tick(signal) : 0;
  const rates = { ...deps, memory: refreshMemory() };
  const forged = { ...deps, alarmed: new Set<string>() };
  const matching = { ...deps, ...deps.book.rates };
  return [
    { name: 'match', every: 1000, tick: () => match(matching) },
    { name: 'settle', every: 1000, tick: () => settle(deps) },
    { name: 'expire', every: 1000, tick: () => expire(deps) },
    { name: 'sweep', every: 60_000, tick: () => sweep(deps) },
    { name: 'rates', every: 5000, tick: alone('rates', signal => refreshRates(rates, signal)) },
    { name: 'integrity', every: 15_000, tick: alone('integrity', () => checkWallets(forged)) },
  ];
}
