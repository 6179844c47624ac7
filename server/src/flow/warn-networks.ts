/** The stage that tells who sells on a network that it is behind, once when it gets so, and the operators. */
import type { Network, NetworkCode } from '../domain/asset.ts';
import { lag } from '../domain/network-lag.ts';
import { TELL_LAG } from '../domain/notice.ts';
import type { Clock } from '../lib/clock.ts';
import { noteAlarms } from '../store/alarms.ts';
import { allCursors, type Cursor } from '../store/cursors.ts';
import { type Db, transact } from '../store/db.ts';
import { accountsOn } from '../store/notice-facts.ts';
import { tell } from '../store/notices.ts';

export type WarnNetworksDeps = { db: Db; clock: Clock; networks: ReadonlyMap<NetworkCode, Network> };

/** Looks at the networks of this installation; nothing is ever left for a second look, so it answers 0. */
export async function warnNetworks({ db, clock, networks }: WarnNetworksDeps): Promise<number> {
  const now = clock.now();
  const isBehind = ({ network, block_time, caught_up_at, retired_at }: Cursor) => {
    const known = networks.get(network);
    const progress = { scannedAt: block_time, caughtUpAt: caught_up_at };
    return (
      known !== undefined && retired_at === null && lag(progress, now, known.onDemand ?? false) > TELL_LAG
    );
  };
  const behind = (await allCursors(db)).filter(isBehind).map(({ network }) => network);
  const accounts = await accountsOn(db, behind);
  await transact(db, async tx => {
    const begun = await noteAlarms(tx, 'chain_lag', behind, now);
    const subject = (network: string) => `${network}:${now}`;
    const sellers = accounts.filter(({ network }) => begun.has(network));
    const causes = sellers.map(({ network, userId }) => ({ subject: subject(network), userId }));
    // Operators hear of it although nobody sells there.
    const unsold = [...begun].map(network => ({ subject: subject(network) }));
    await tell(tx, 'chain_lag', [...causes, ...unsold], now);
  });
  return 0;
}
