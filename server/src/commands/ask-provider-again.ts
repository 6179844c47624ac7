/** Ending the quarantine of a provider by hand: it is asked again within seconds. */
import type { NetworkCode } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import { type Db, transact } from '../store/db.ts';
import { restoreProvider } from '../store/providers.ts';
import { type ActingDeps, note } from './acting.ts';

/** Answers false when there is no such provider. */
export async function askProviderAgain(
  deps: { db: Db; clock: Clock } & ActingDeps,
  asked: { network: NetworkCode; provider: string },
): Promise<boolean> {
  const now = deps.clock.now();
  return transact(deps.db, async tx => {
    if (!(await restoreProvider(tx, asked, now))) return false;
    const target = `provider ${asked.provider} of ${asked.network}`;
    await note(tx, deps, { userId: null, action: 'provider.restore', target }, now);
    return true;
  });
}
