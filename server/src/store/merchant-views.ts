/** Merchants as the people of an account see them; no secret is among it. */
import { sql } from 'kysely';
import type { Db } from './db.ts';

export type MerchantLine = {
  id: number;
  name: string;
  url: string;
  webhook_url: string | null;
  compat: boolean;
  logo: string | null;
  /** Wallets that are active, held ones too. */
  wallets: number;
  last_used_at: number | null;
};

/** The merchants of an account, oldest first. */
export async function merchantLines(db: Db, userId: number): Promise<MerchantLine[]> {
  const { rows } = await sql<MerchantLine>`
    select m.id, m.name, m.url, m.webhook_url, m.compat, l.hash as logo,
           (select count(*) from wallets w where w.merchant_id = m.id and w.active) as wallets,
           (select max(k.last_used_at) from merchant_keys k where k.merchant_id = m.id) as last_used_at
      from merchants m left join merchant_logos l on l.merchant_id = m.id
     where m.user_id = ${userId} order by m.id`.execute(db);
  return rows;
}

/** A merchant of an account; null for one of somebody else's. */
export async function merchantOf(db: Db, { userId, merchantId }: { userId: number; merchantId: number }) {
  const row = await db
    .selectFrom('merchants as m')
    .leftJoin('merchant_logos as l', 'l.merchant_id', 'm.id')
    .select(['m.id', 'm.name', 'm.url', 'm.webhook_url', 'm.auth', 'm.payment_minutes', 'm.compat'])
    .select(['m.private_key_header', 'm.signature_v2', 'm.verified_only', 'm.page_origins'])
    .select(['m.return_hosts', 'm.language', 'm.created_at', 'l.hash as logo'])
    .select(['m.late_policy', 'm.late_drift', 'm.underpaid_tolerance', 'm.overpaid_tolerance'])
    .select(['m.remainder', 'm.opt_in_events'])
    .where('m.id', '=', merchantId)
    .where('m.user_id', '=', userId)
    .executeTakeFirst();
  return row ?? null;
}

const MOST_KEYS = 50;

/** The pairs of keys of a merchant by their public half, newest first. Times in ms. */
export async function keysOf(db: Db, merchantId: number) {
  return db
    .selectFrom('merchant_keys')
    .select(['public_key', 'created_at', 'expires_at', 'last_used_at'])
    .where('merchant_id', '=', merchantId)
    .orderBy('created_at', 'desc')
    .limit(MOST_KEYS)
    .execute();
}
