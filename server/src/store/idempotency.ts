/**
 * Idempotency keys and the answers kept under them. A key is claimed before the work and gets its answer after it; where
 * both happen in the transaction that does the work, a crash leaves either all of it or nothing.
 */
import { sql } from 'kysely';
import type { Db, Tx } from './db.ts';

/** What a key is unique within. `path` is the route's, with its parameters, without the query. */
export type IdempotencyKey = { merchantId: number; method: string; path: string; key: string };

export type KeptAnswer = { status: number; contentType: string; body: string };

/** How long an answer is kept, in ms. */
export const KEY_LIFETIME = 24 * 60 * 60_000;

/** After this long without an answer, in ms, a claim is that of a process that died: no request takes so long. */
const CLAIM_LIFETIME = 60_000;

export type Claim = IdempotencyKey & { bodyHash: Buffer };

/** What is kept under a key: null where it is free; `answer` is null while the first request is under way. */
export async function findKept(
  db: Db,
  key: IdempotencyKey,
  now: number,
): Promise<{ bodyHash: Buffer; answer: KeptAnswer | null } | null> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['body_hash', 'status', 'content_type', 'body', 'created_at'])
    .where('merchant_id', '=', key.merchantId)
    .where('method', '=', key.method)
    .where('path', '=', key.path)
    .where('key', '=', key.key)
    .executeTakeFirst();
  if (!row || row.created_at <= now - KEY_LIFETIME) return null;
  const { status, content_type: contentType, body } = row;
  if (status !== null && contentType !== null && body !== null)
    return { bodyHash: row.body_hash, answer: { status, contentType, body } };
  return row.created_at <= now - CLAIM_LIFETIME ? null : { bodyHash: row.body_hash, answer: null };
}

/**
 * Claims keys; answers for each, in order, whether it is now the caller's. It is not when it has an answer, or is another
 * request's, in whatever process: one that is being claimed by a transaction under way is not waited for, so that it
 * cannot hold up its neighbours in the batch.
 */
export async function claimKeys(db: Db | Tx, claims: readonly Claim[], now: number): Promise<boolean[]> {
  const distinct = [...new Map(claims.toReversed().map(claim => [textOf(claim), claim])).values()];
  const { rows } = await sql<{ merchant_id: number; method: string; path: string; key: string }>`
    insert into idempotency_keys (merchant_id, method, path, key, body_hash, created_at)
    select c.*, ${new Date(now)}::timestamptz
      from unnest(${columns(distinct)}) as c (merchant_id, method, path, key, body_hash)
     where pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', c.merchant_id, c.method, c.path, c.key), ${LOCKS}))
    on conflict (merchant_id, method, path, key) do update
      set body_hash = excluded.body_hash, created_at = excluded.created_at, status = null, content_type = null, body = null
     where idempotency_keys.created_at <= ${new Date(now - KEY_LIFETIME)}
        or (idempotency_keys.status is null and idempotency_keys.created_at <= ${new Date(now - CLAIM_LIFETIME)})
    returning merchant_id, method, path, key`.execute(db);
  const claimed = new Set(rows.map(row => textOf({ ...row, merchantId: row.merchant_id })));
  return claims.map(claim => claimed.delete(textOf(claim)));
}

/** Advisory locks are numbers that all users of a database share; this seed keeps ours apart. */
const LOCKS = sql.lit(20_261_122);

/** JSON keeps the parts apart. */
const textOf = ({ merchantId, method, path, key }: IdempotencyKey): string =>
  JSON.stringify([merchantId, method, path, key]);

/** Keeps the answers of claims; those of null are given back, to be claimed by the next request. */
export async function settleKeys(
  db: Db | Tx,
  settled: readonly { claim: Claim; answer: KeptAnswer | null }[],
): Promise<void> {
  const kept = settled.flatMap(({ claim, answer }) => (answer ? [{ claim, answer }] : []));
  const free = settled.filter(({ answer }) => answer === null).map(({ claim }) => claim);
  const mine = sql`k.merchant_id = c.merchant_id and k.method = c.method and k.path = c.path and k.key = c.key
    and k.body_hash = c.body_hash and k.status is null`;
  if (kept.length > 0)
    await sql`
      update idempotency_keys k set status = c.status, content_type = c.content_type, body = c.body
        from unnest(${columns(kept.map(({ claim }) => claim))}, ${kept.map(({ answer }) => answer.status)}::int[],
                    ${kept.map(({ answer }) => answer.contentType)}::text[], ${kept.map(({ answer }) => answer.body)}::text[])
          as c (merchant_id, method, path, key, body_hash, status, content_type, body)
       where ${mine}`.execute(db);
  if (free.length > 0)
    await sql`
      delete from idempotency_keys k using unnest(${columns(free)}) as c (merchant_id, method, path, key, body_hash)
       where ${mine}`.execute(db);
}

function columns(claims: readonly Claim[]) {
  return sql`${claims.map(c => c.merchantId)}::bigint[], ${claims.map(c => c.method)}::text[],
    ${claims.map(c => c.path)}::text[], ${claims.map(c => c.key)}::text[], ${claims.map(c => c.bodyHash)}::bytea[]`;
}

/** Deletes at most `limit` keys claimed before a moment; answers how many. */
export async function deleteKeys(db: Db, before: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from idempotency_keys where ctid in (
      select ctid from idempotency_keys where created_at <= ${new Date(before)}
       order by created_at limit ${limit} for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
