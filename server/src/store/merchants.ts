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
  publicKey: string;
  privateKey: string;
};

/** The credentials behind each public key, in order; null for an unknown key. */
export async function findCredentials(
  db: Db,
  vault: Vault,
  publicKeys: readonly string[],
): Promise<(Credentials | null)[]> {
  const rows = await db
    .selectFrom('merchant_keys as k')
    .innerJoin('merchants as m', 'm.id', 'k.merchant_id')
    .where('k.public_key', '=', sql<string>`any(${publicKeys}::text[])`)
    .select(['k.public_key', 'k.private_key', 'm.id', 'm.user_id', 'm.auth', 'm.compat', 'm.payment_minutes'])
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

/** A user's merchants with the public key of each, oldest first. */
export async function merchantsOfUser(db: Db, userId: number) {
  return db
    .selectFrom('merchants as m')
    .innerJoin('merchant_keys as k', 'k.merchant_id', 'm.id')
    .select(['m.id', 'm.name', 'm.auth', 'm.webhook_url', 'k.public_key'])
    .where('m.user_id', '=', userId)
    .orderBy('m.id')
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

/** What a delivery is signed with, by merchant id. */
export type SigningKeys = { publicKey: string; privateKey: string; webhookSecret: string };

export async function findSigningKeys(
  db: Db,
  vault: Vault,
  merchantIds: readonly number[],
): Promise<Map<number, SigningKeys>> {
  const rows = await db
    .selectFrom('merchants as m')
    .innerJoin('merchant_keys as k', 'k.merchant_id', 'm.id')
    .where('m.id', '=', sql<number>`any(${merchantIds}::bigint[])`)
    .select(['m.id', 'm.webhook_secret', 'k.public_key', 'k.private_key'])
    .execute();
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
    .orderBy('m.id')
    .execute();
}
