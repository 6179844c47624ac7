/** The stage that tells whose balance is low: the operator's log, and the account. Once when it gets so, again after it was better. */
import { formatBalance, type Usd } from '../domain/usd.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { noteAlarms } from '../store/alarms.ts';
import { type Db, transact } from '../store/db.ts';
import { lowBalances } from '../store/ledger.ts';
import { tell } from '../store/notices.ts';

export type WarnDeps = { db: Db; clock: Clock; logger: Logger; below: Usd };

const MOST = 1000;

/** Looks at the lowest balances; nothing is ever left for a second look, so it answers 0. */
export async function warnBalances({ db, clock, logger, below }: WarnDeps): Promise<number> {
  const low = await lowBalances(db, { below, most: MOST });
  const now = clock.now();
  const begun = await transact(db, async tx => {
    const ids = low.map(({ userId }) => String(userId));
    const isNew = await noteAlarms(tx, 'balance_low', ids, now);
    const begun = low.filter(({ userId }) => isNew.has(String(userId)));
    const causes = begun.map(({ userId }) => ({ subject: `${userId}:${now}`, userId }));
    await tell(tx, 'balance_low', causes, now);
    return begun;
  });
  for (const { userId, balance } of begun)
    logger.warn({ user: userId, balance: formatBalance(balance) }, 'a balance is low');
  return 0;
}
