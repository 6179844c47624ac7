/**
 * How often something secret was tried, a row a bucket, shared by all processes. A try is counted before it is judged, so
 * that tries made at the same moment are counted too.
 */
import { sql } from 'kysely';
import type { Db } from './db.ts';

export type TryLimit = {
  /** So many are judged; */
  most: number;
  /** then none for so many ms, and as long without one forgets them all. */
  window: number;
};

/** Counts a try: 0 when it may be judged, else the seconds until one may. A try that is refused is not counted. */
export async function countTry(
  db: Db,
  { bucket, limit, now }: { bucket: Buffer; limit: TryLimit; now: number },
): Promise<number> {
  const at = new Date(now);
  const forgotten = new Date(now - limit.window);
  const { rows } = await sql<{ count: number; last_at: number }>`
    insert into tries (bucket, count, last_at) values (${bucket}, 1, ${at})
    on conflict (bucket) do update set
      count = case when tries.last_at <= ${forgotten} then 1 else tries.count + 1 end,
      last_at = greatest(tries.last_at, ${at})
     where tries.last_at <= ${forgotten} or tries.count < ${limit.most}
    returning count, last_at`.execute(db);
  if (rows.length > 0) return 0;
  const row = await db.selectFrom('tries').select('last_at').where('bucket', '=', bucket).executeTakeFirst();
  const left = (row?.last_at ?? now) + limit.window - now;
  return Math.ceil(Math.min(Math.max(left, 1), limit.window) / 1000);
}

/** What was proved right wipes out the wrong ones. */
export async function forgetTries(db: Db, buckets: readonly Buffer[]): Promise<void> {
  await db
    .deleteFrom('tries')
    .where('bucket', 'in', [...buckets])
    .execute();
}
