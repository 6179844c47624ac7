/** Users, merchants and their keys. Private keys and webhook secrets are stored sealed. */
import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import { seal, unseal, type Vault } from '../lib/vault.ts';
import type { Db, Tx } from './db.ts';
import type { Schema } from './schema.ts';

export type MerchantRow = Selectable<Schema['merchants']>;

/** Who a request says it is from: the merchant behind a public key, and the key it must prove to hold. */
export type Credentials = {
  merchantId: number;
  userId: number;
  auth: 'signature' | 'private-key';
  compat: boolean;
  paymentMinutes: number;
  verifiedOnly: boolean;
  signatureV2: 'off' | 'on' | 'required';
  publicKey: string;
  privateKey: string;
  /** When a request last proved itself with this pair, in ms. */
  lastUsedAt: number | null;
};

/** The credentials behind each public key, in order; null for a key that is unknown or no longer accepted. */
export async function findCredentials(
  db: Db,
  vault: Vault,
  { publicKeys, now }: { publicKeys: readonly string[]; now: number },
): Promise<(Credentials | null)[]> {
  const rows = await db
    .selectFrom('merchant_keys as k')
    .innerJoin('merchants as m', 'm.id', 'k.merchant_id')
    .where('k.public_key', '=', sql<string>`any(${publicKeys}::text[])`)
    .where(eb =>
      eb.or([eb('k.expires_at', 'is', null), eb('k.expires_at', '>', sql<number>`${new Date(now)}`)]),
    )
    .select(['k.public_key', 'k.private_key', 'k.last_used_at', 'm.id', 'm.user_id', 'm.auth', 'm.compat'])
    .select(['m.payment_minutes', 'm.verified_only', 'm.signature_v2'])
    .execute();
  const found = new Map(rows.map(row => [row.public_key, row]));
  return publicKeys.map(publicKey => {
    const row = found.get(publicKey);
    if (!row) return null;
    return {
      merchantId: row.id,
      userId: row.user_id,
      auth: row.auth,
      compat: row.compat,
      paymentMinutes: row.payment_minutes,
      verifiedOnly: row.verified_only,
      signatureV2: row.signature_v2,
      lastUsedAt: row.last_used_at,
      publicKey,
      privateKey: unseal(vault, row.private_key, keyContext(publicKey)),
    };
  });
}

export async function insertMerchant(
  tx: Tx,
  vault: Vault,
  merchant: Omit<Insertable<Schema['merchants']>, 'webhook_secret'> & { webhookSecret: string },
): Promise<number> {
  const { webhookSecret, ...columns } = merchant;
  const row = await tx
    .insertInto('merchants')
    .values({ ...columns, webhook_secret: seal(vault, webhookSecret, SECRET_CONTEXT) })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Locks a merchant for a change. */
export async function lockMerchant(tx: Tx, id: number): Promise<MerchantRow | null> {
  const row = await tx
    .selectFrom('merchants')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export async function changeMerchant(
  tx: Tx,
  id: number,
  columns: Updateable<Schema['merchants']>,
): Promise<void> {
  await tx.updateTable('merchants').set(columns).where('id', '=', id).execute();
}

export async function merchantExists(db: Db, id: number): Promise<boolean> {
  return (
    (await db.selectFrom('merchants').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
  );
}

/** Whose a merchant is; null when there is none. */
export async function userOfMerchant(db: Db | Tx, id: number): Promise<number | null> {
  const row = await db.selectFrom('merchants').select('user_id').where('id', '=', id).executeTakeFirst();
  return row?.user_id ?? null;
}

/** A user's merchants with the newest public key of each, oldest merchant first. */
export async function merchantsOfUser(db: Db, userId: number) {
  return db
    .selectFrom('merchants as m')
    .innerJoin('merchant_keys as k', 'k.merchant_id', 'm.id')
    .select(['m.id', 'm.name', 'm.auth', 'm.webhook_url', 'k.public_key'])
    .distinctOn('m.id')
    .where('m.user_id', '=', userId)
    .orderBy('m.id')
    .orderBy('k.created_at', 'desc')
    .execute();
}

/** Whether somebody has this public key already. */
export async function isKeyTaken(db: Db, publicKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('merchant_keys')
    .select('merchant_id')
    .where('public_key', '=', publicKey)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertKey(
  tx: Tx,
  vault: Vault,
  key: { merchantId: number; publicKey: string; privateKey: string },
  now: number,
): Promise<void> {
  await tx
    .insertInto('merchant_keys')
    .values({
      public_key: key.publicKey,
      merchant_id: key.merchantId,
      private_key: seal(vault, key.privateKey, keyContext(key.publicKey)),
      created_at: new Date(now),
    })
    .execute();
}

/** Notes when keys were last used; webhooks are signed with the pair a shop used last. */
export async function noteKeysUsed(db: Db, publicKeys: readonly string[], now: number): Promise<void> {
  await sql`
    update merchant_keys set last_used_at = ${new Date(now)}
     where public_key = any(${publicKeys}::text[])`.execute(db);
}

/** From now on the pairs a merchant has are accepted until `until` only; those that end sooner keep their end. */
export async function retireKeys(tx: Tx, merchantId: number, until: number): Promise<void> {
  await sql`
    update merchant_keys set expires_at = least(expires_at, ${new Date(until)}::timestamptz)
     where merchant_id = ${merchantId}`.execute(tx);
}

/** What a delivery is signed with, by merchant id. */
export type SigningKeys = { publicKey: string; privateKey: string; webhookSecret: string };

/**
 * The pair each merchant's shop used last, of those still accepted: while keys are being replaced the shop verifies with
 * the pair it has. Of pairs never used, the newest.
 */
export async function findSigningKeys(
  db: Db,
  vault: Vault,
  { merchantIds, now }: { merchantIds: readonly number[]; now: number },
): Promise<Map<number, SigningKeys>> {
  const { rows } = await sql<{ id: number; webhook_secret: Buffer; public_key: string; private_key: Buffer }>`
    select distinct on (m.id) m.id, m.webhook_secret, k.public_key, k.private_key
      from merchants m join merchant_keys k on k.merchant_id = m.id
     where m.id = any(${merchantIds}::bigint[]) and (k.expires_at is null or k.expires_at > ${new Date(now)})
     order by m.id, k.last_used_at desc nulls last, k.created_at desc`.execute(db);
  return new Map(
    rows.map(row => [
      row.id,
      {
        publicKey: row.public_key,
        privateKey: unseal(vault, row.private_key, keyContext(row.public_key)),
        webhookSecret: unseal(vault, row.webhook_secret, SECRET_CONTEXT),
      },
    ]),
  );
}

const SECRET_CONTEXT = 'webhook secret';

function keyContext(publicKey: string): string {
  return `private key of ${publicKey}`;
}

/** Merchants for people to look at: no secret is among it. */
export async function listMerchants(db: Db) {
  return db
    .selectFrom('merchants as m')
    .leftJoin('merchant_keys as k', 'k.merchant_id', 'm.id')
    .leftJoin('merchant_logos as l', 'l.merchant_id', 'm.id')
    .select([
      'm.id',
      'm.user_id',
      'm.name',
      'm.url',
      'm.webhook_url',
      'm.auth',
      'm.payment_minutes',
      'm.compat',
    ])
    .select(['m.private_key_header', 'k.public_key'])
    .select(['m.page_origins', 'm.return_hosts', 'm.language', 'l.hash as logo'])
    .select([
      'm.late_policy',
      'm.late_drift',
      'm.underpaid_tolerance',
      'm.overpaid_tolerance',
      'm.remainder',
      'm.opt_in_events',
    ])
    .orderBy('m.id')
    .execute();
}
