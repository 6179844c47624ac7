/** The stage that throws away what no longer protects anything: kept answers after their day, nonces after their window, notices after two days. */
import { NOTICE_LIFETIME } from '../domain/notice.ts';
import type { Clock } from '../lib/clock.ts';
import type { Db } from '../store/db.ts';
import { deleteKeys, KEY_LIFETIME } from '../store/idempotency.ts';
import { deleteNonces, NONCE_LIFETIME } from '../store/nonces.ts';
import { deleteNotices } from '../store/notices.ts';
import { deleteStale } from '../store/stale-people.ts';

const BATCH = 1000;

/** Clocks of two processes may differ; nothing is thrown away that one of them still counts. */
const MARGIN = 60_000;

/** Deletes one batch of each; answers how many rows. Any number of processes may sweep. */
export async function sweep({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const now = clock.now() - MARGIN;
  const keys = await deleteKeys(db, now - KEY_LIFETIME, BATCH);
  const nonces = await deleteNonces(db, now - NONCE_LIFETIME, BATCH);
  const notices = await deleteNotices(db, now - 2 * NOTICE_LIFETIME, BATCH);
  return keys + nonces + notices + (await deleteStale(db, now, BATCH));
}
