/** Payments too large for one provider's word: which wait for a second one, and which have it. */
import { sql } from 'kysely';
import type { LargeAmount } from '../domain/agreement.ts';
import type { AssetCode } from '../domain/asset.ts';
import type { Db, Tx } from './db.ts';
import { notify } from './wake.ts';

/**
 * How much a payment stands for, in base units: a part for all that its invoice asks for, since parts settle that together, and
 * each of them could be as small as one likes.
 */
const atStake = sql`case when p.kind in ('part', 'late_part') then greatest(t.units, i.final_units) else t.units end`;

/** Whether two providers must agree on it: of a payment p with its transfer t. */
export const isLarge = (large: readonly LargeAmount[]) => sql<boolean>`exists (
  select from invoices i join unnest(${large.map(one => one.network)}::text[], ${large.map(one => one.asset)}::text[],
                                     ${large.map(one => one.above)}::numeric[], ${large.map(one => one.dollars)}::numeric[])
      as l (network, asset, above, dollars)
      on l.network = t.network and l.asset = t.asset and (${atStake} > l.above * coalesce(i.coin_rate, 1)
         or (p.kind = 'manual' and i.requested_amount > l.dollars))
   where i.id = p.invoice_id)`;

/** A final payment that waits, with its transfer. */
export type WaitingPayment = {
  id: number;
  tx_id: string;
  asset: AssetCode;
  from_key: string;
  to_key: string;
  units: string;
  ordinal: number;
  height: number;
  block_hash: string;
};

/** Final payments above the limits of their network that nobody has agreed to yet, oldest first. `after`: only those of a higher id. */
export async function waitingForAgreement(
  db: Db,
  large: readonly LargeAmount[],
  { after, limit }: { after: number; limit: number },
): Promise<WaitingPayment[]> {
  if (large.length === 0) return [];
  const { rows } = await sql<WaitingPayment>`
    select p.id, t.tx_id, t.asset, t.from_key, t.to_key, t.units, t.ordinal, t.height, t.block_hash
      from payments p
      join transfers t on t.id = p.transfer_id
      join cursors c on c.network = t.network and c.epoch = t.epoch
     where p.state = 'pending' and p.id > ${after} and p.agreed_at is null and t.height <= c.final_height and ${isLarge(large)}
     order by p.id limit ${limit}`.execute(db);
  return rows;
}

/**
 * Notes that two providers show a payment's transfer in the block it is in, provided that it still is. What another transaction is about
 * to change is left for the next time: a fork that is being stored may put it into another block.
 */
export async function noteAgreed(
  tx: Tx,
  agreed: readonly Pick<WaitingPayment, 'id' | 'block_hash'>[],
  now: number,
): Promise<number> {
  if (agreed.length === 0) return 0;
  const { rows } = await sql<{ id: number }>`
    select p.id
      from unnest(${agreed.map(one => one.id)}::bigint[], ${agreed.map(one => one.block_hash)}::text[]) as a (id, block_hash)
      join payments p on p.id = a.id
      join transfers t on t.id = p.transfer_id
     where p.state = 'pending' and t.block_hash = a.block_hash
     order by p.id for update of p, t skip locked`.execute(tx);
  const { numAffectedRows } = await sql`
    update payments set agreed_at = ${new Date(now)} where id = any(${rows.map(({ id }) => id)}::bigint[])`.execute(
    tx,
  );
  if (Number(numAffectedRows) > 0) await notify(tx, 'settle');
  return Number(numAffectedRows);
}
