/**
 * Production time is the database's: every node agrees on it, whatever its own clock says. It is measured once in a
 * while and carried forward by the monotonic clock in between.
 */
import { sql } from 'kysely';
import type { monotonicClock } from '../lib/clock.ts';
import type { Db } from './db.ts';

/** Sets the clock to the database's time, of several readings the one with the shortest way there and back. */
export async function synchronize(db: Db, clock: ReturnType<typeof monotonicClock>): Promise<void> {
  let best = { trip: Number.POSITIVE_INFINITY, now: 0, at: 0 };
  for (let reading = 0; reading < 3; reading++) {
    const before = performance.now();
    const { rows } = await sql<{ now: number }>`select clock_timestamp() as now`.execute(db);
    const after = performance.now();
    const trip = after - before;
    if (rows[0] && trip < best.trip) best = { trip, now: rows[0].now + trip / 2, at: after };
  }
  clock.set(best.now + (performance.now() - best.at));
}
