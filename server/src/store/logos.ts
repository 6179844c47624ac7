/** The pictures merchants show beside their names, found by the hash of their bytes. */
import type { Image, ImageType } from '../lib/image/image.ts';
import type { Db, Tx } from './db.ts';

/** `hash` is the SHA-256 of the bytes in hex, and their name. */
export type Logo = Image & { hash: string };

/** Puts a logo in the place of the one the merchant has. `now` in ms. */
export async function saveLogo(
  tx: Tx,
  { merchantId, logo, now }: { merchantId: number; logo: Logo; now: number },
): Promise<void> {
  const columns = { ...logo, created_at: new Date(now) };
  await tx
    .insertInto('merchant_logos')
    .values({ merchant_id: merchantId, ...columns })
    .onConflict(conflict => conflict.column('merchant_id').doUpdateSet(columns))
    .execute();
}

export async function removeLogo(tx: Tx, merchantId: number): Promise<void> {
  await tx.deleteFrom('merchant_logos').where('merchant_id', '=', merchantId).execute();
}

/** The bytes under a hash, whichever merchant has them; null when none has. */
export async function findLogo(db: Db, hash: string): Promise<{ type: ImageType; bytes: Buffer } | null> {
  const row = await db
    .selectFrom('merchant_logos')
    .select(['type', 'bytes'])
    .where('hash', '=', hash)
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}
