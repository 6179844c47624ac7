/** The stage that tells the operator whose balance is low: once when it gets so, and again after it was better. */
import { formatBalance, type Usd } from '../domain/usd.ts';
import type { Logger } from '../lib/logger.ts';
import type { Db } from '../store/db.ts';
import { lowBalances } from '../store/ledger.ts';

export type WarnDeps = {
  db: Db;
  logger: Logger;
  below: Usd;
  /** Users who were told of; it lasts as long as the process. */
  warned: Set<number>;
};

const MOST = 1000;

/** Looks at the lowest balances; nothing is ever left for a second look, so it answers 0. */
export async function warnBalances({ db, logger, below, warned }: WarnDeps): Promise<number> {
  const low = await lowBalances(db, { below, most: MOST });
  for (const { userId, balance } of low) {
    if (!warned.has(userId))
      logger.warn({ user: userId, balance: formatBalance(balance) }, 'a balance is low');
  }
  warned.clear();
  for (const { userId } of low) warned.add(userId);
  return 0;
}
