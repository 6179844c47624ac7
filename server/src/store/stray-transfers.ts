/**
 * Transfers that settled nothing, on the wallets of a user account: a person has to say what becomes of each. They are walked
 * wallet by wallet along one index, so that a page costs the same however much there is elsewhere.
 */
import { type RawBuilder, sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Db, Tx } from './db.ts';
import { isTask } from './tasks.ts';
import type { TransferRow } from './transfers.ts';

/** `open` waits for somebody; `closed` was given back, set aside, or needs nobody: it is on no block, or its shop takes no late payment. */
type StrayState = 'open' | 'closed' | 'all';

export type StrayFilter = {
  state: StrayState;
  /** One of match.ts; null: whatever it is. */
  reason: string | null;
  network: NetworkCode | null;
  /** null: every merchant of the account. */
  merchantId: number | null;
};

/**
 * With the merchants of the account whose wallet it went to, whether its network says that it is final, and whether another account has
 * the address as well: what was said about it may have been said there.
 */
export type StrayTransfer = TransferRow & { merchants: string[]; is_final: boolean; is_shared: boolean };

/** Newest first, with smaller ids than `before`, at most `limit`. */
export async function listStrayTransfers(
  db: Db,
  userId: number,
  { filter, before, limit }: { filter: StrayFilter; before: number | null; limit: number },
): Promise<StrayTransfer[]> {
  const { rows } = await sql<StrayTransfer>`
    with wallet as (
      select w.network, w.address_key, array_agg(distinct m.name order by m.name) as merchants
        from wallets w join merchants m on m.id = w.merchant_id
       where m.user_id = ${userId} and (${filter.merchantId}::bigint is null or m.id = ${filter.merchantId})
         and (${filter.network}::text is null or w.network = ${filter.network})
       group by w.network, w.address_key)
    select t.*, wallet.merchants, ${isFinal} as is_final, ${isShared(userId)} as is_shared
      from wallet cross join lateral (
        select * from transfers
         where network = wallet.network and to_key = wallet.address_key and state in ('unmatched', 'ignored')
           and ${isOwn(userId)} and ${isInState(filter.state)} and (${filter.reason}::text is null or reason = ${filter.reason})
           and -id > ${before === null ? sql`-9223372036854775807` : sql`${-before}::bigint`}
         order by -id limit ${limit}) t
      left join cursors c on c.network = t.network
     order by t.id desc limit ${limit}`.execute(db);
  return rows;
}

/** One of them; null where it is not on a wallet of this account. Also when it has been dealt with since. */
export async function findStrayTransfer(db: Db, userId: number, id: number): Promise<StrayTransfer | null> {
  const { rows } = await sql<StrayTransfer>`
    select t.*, own.merchants, ${isFinal} as is_final, ${isShared(userId)} as is_shared
      from transfers t left join cursors c on c.network = t.network
     cross join lateral (select array_agg(distinct m.name order by m.name) as merchants
        from wallets w join merchants m on m.id = w.merchant_id
       where w.network = t.network and w.address_key = t.to_key and m.user_id = ${userId}) own
     where t.id = ${id} and own.merchants is not null and ${isOwn(userId)}`.execute(db);
  return rows[0] ?? null;
}

/** Locks a transfer; what has become of it. */
export async function lockStanding(
  tx: Tx,
  id: number,
): Promise<Pick<TransferRow, 'state' | 'resolution'> | null> {
  const { rows } = await sql<Pick<TransferRow, 'state' | 'resolution'>>`
    select state, resolution from transfers where id = ${id} for update`.execute(tx);
  return rows[0] ?? null;
}

/** A transfer of an earlier epoch that still has its block was final there, when that chain ended. */
const isFinal = sql<boolean>`(t.height is not null and (t.epoch < c.epoch or t.height <= c.final_height)) is true`;

/** Of no other account's invoice: anybody may register an address that they have read on somebody's page. */
const isOwn = (userId: number) => sql`(invoice_id is null or exists (
  select from invoices i join merchants m on m.id = i.merchant_id where i.id = invoice_id and m.user_id = ${userId}))`;

const isShared = (userId: number) => sql<boolean>`exists (
  select from wallets w join merchants m on m.id = w.merchant_id
   where w.network = t.network and w.address_key = t.to_key and m.user_id <> ${userId})`;

function isInState(state: StrayState): RawBuilder<unknown> {
  if (state === 'all') return sql`true`;
  return state === 'open' ? isTask : sql`not ${isTask}`;
}
