/** Notes which keys are in use: webhooks are signed with the pair a shop used last. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../lib/clock.ts';
import { Recent } from '../../lib/recent.ts';
import type { Db } from '../../store/db.ts';
import { type Credentials, noteKeysUsed } from '../../store/merchants.ts';

/** Once in this time, in ms, a key. */
const OFTEN_ENOUGH = 60_000;

/** Answers what is called with every key that was proved: it waits for nothing, and a fault of it is only logged. */
export function noteUse(
  app: FastifyInstance,
  { db, clock }: { db: Db; clock: Clock },
): (credentials: Credentials) => void {
  const noted = new Recent(OFTEN_ENOUGH);
  const underWay = new Set<Promise<void>>();
  app.addHook('onClose', async () => {
    await Promise.all(underWay);
  });
  return ({ publicKey, lastUsedAt }) => {
    const now = clock.now();
    if (noted.has(publicKey, now) || (lastUsedAt !== null && now - lastUsedAt < OFTEN_ENOUGH)) return;
    noted.add(publicKey, now);
    const writing = noteKeysUsed(db, [publicKey], now)
      .catch(error => app.log.warn({ err: error }, 'the use of a key was not noted'))
      .finally(() => underWay.delete(writing));
    underWay.add(writing);
  };
}
