/** Nonces of version 2 signatures, shared by all processes: what makes a signed request good once. */
import { sql } from 'kysely';
import { type Db, transact } from './db.ts';

export type Nonce = { merchantId: number; nonce: string };

/** How long a nonce is not accepted again, in ms: as long as a time that was signed can be inside the window. */
export const NONCE_LIFETIME = 10 * 60_000;

/** Takes nonces and answers for each, in order, whether it was free. Whoever asks second, in any process, is told no. */
export async function claimNonces(db: Db, claims: readonly Nonce[], now: number): Promise<boolean[]> {
  // Each once, and in one order everywhere, so that two batches cannot wait for each other.
  const distinct = [...new Map(claims.map(claim => [textOf(claim), claim]))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const taken = await transact(db, async tx => {
    const { rows } = await sql<{ merchant_id: number; nonce: string }>`
      insert into nonces (merchant_id, nonce, seen_at)
      select n.*, ${new Date(now)}::timestamptz
        from unnest(${distinct.map(([, claim]) => claim.merchantId)}::bigint[],
                    ${distinct.map(([, claim]) => claim.nonce)}::text[]) as n
      on conflict (merchant_id, nonce) do update set seen_at = excluded.seen_at
       where nonces.seen_at < ${new Date(now - NONCE_LIFETIME)}
      returning merchant_id, nonce`.execute(tx);
    return new Set(rows.map(row => textOf({ merchantId: row.merchant_id, nonce: row.nonce })));
  });
  return claims.map(claim => taken.delete(textOf(claim)));
}

const textOf = ({ merchantId, nonce }: Nonce): string => `${merchantId} ${nonce}`;

/** Deletes at most `limit` nonces seen before a moment; answers how many. */
export async function deleteNonces(db: Db, before: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from nonces where ctid in (
      select ctid from nonces where seen_at < ${new Date(before)} order by seen_at limit ${limit} for update skip locked)`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0n);
}
