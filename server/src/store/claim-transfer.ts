/** A transfer that a person named is made the payment of an invoice, unless it is another's already. */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import { type Header, storedAbove } from './cursors.ts';
import type { Db, Tx } from './db.ts';
import type { SeenTransfer, TransferRow } from './transfers.ts';

/** A transfer as a provider shows it now; `above`: a header of ours that it has, too, at the block of the transfer or higher. */
export type ShownTransfer = SeenTransfer & {
  network: NetworkCode;
  above?: Pick<Header, 'height' | 'hash'> | null;
};

/**
 * Finds or makes the row of a transfer and locks it. A block that has not been read yet, or is not known to be of the chain that was
 * read, is left out: the watcher gives it when it gets there, or the second reading.
 */
export async function lockTransfer(tx: Tx, transfer: ShownTransfer, now: number): Promise<TransferRow> {
  const { network, above } = transfer;
  // Locked: while this lasts the chain is not taken back.
  const cursor = await tx
    .selectFrom('cursors')
    .select('epoch')
    .where('network', '=', network)
    .forShare()
    .executeTakeFirst();
  const isRead = above ? (await storedAbove(tx, network, above.height))?.hash === above.hash : false;
  const identity = {
    network,
    epoch: cursor?.epoch ?? 1,
    tx_id: transfer.txId,
    asset: transfer.asset,
    from_key: transfer.from,
    to_key: transfer.to,
    units: transfer.units,
    ordinal: transfer.ordinal,
  };
  await tx
    .insertInto('transfers')
    .values({
      ...identity,
      height: isRead ? transfer.block.height : null,
      block_hash: isRead ? transfer.block.hash : null,
      block_time: isRead ? new Date(transfer.block.time) : null,
      state: 'pending',
      reason: null,
      invoice_id: null,
      detected_at: new Date(now),
    })
    .onConflict(conflict => conflict.doNothing())
    .execute();
  const { rows } = await sql<TransferRow>`
    select * from transfers
     where network = ${identity.network} and epoch = ${identity.epoch} and tx_id = ${identity.tx_id}
       and asset = ${identity.asset} and from_key = ${identity.from_key} and to_key = ${identity.to_key}
       and units = ${identity.units} and ordinal = ${identity.ordinal} for update`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error('a transfer that was just stored is not there');
  return row;
}

/**
 * Keeps everybody else who names a transaction waiting until this transaction ends: of two that name one at once the second sees
 * what became of the first. Taken before any row is locked.
 */
export async function lockNaming(tx: Tx, transactionId: string): Promise<void> {
  const digits = transactionId.replace(/^0x/, '');
  await sql`select pg_advisory_xact_lock(hashtextextended(${digits}, ${NAMINGS}))`.execute(tx);
}

/** Tells these locks from all others of the database. */
const NAMINGS = 1_129_465_173;

/**
 * What is stored of a transaction, by its id in the form of each network, on their chains as they are now. Until this transaction
 * ends no more of it is stored.
 */
export async function storedTransfers(tx: Tx, ids: ReadonlyMap<NetworkCode, string>): Promise<TransferRow[]> {
  // Whoever stores transfers moves the cursor with them.
  await tx
    .selectFrom('cursors')
    .select('epoch')
    .where('network', 'in', [...ids.keys()])
    .orderBy('network')
    .forShare()
    .execute();
  const { rows } = await sql<TransferRow>`
    select t.* from unnest(${[...ids.keys()]}::text[], ${[...ids.values()]}::text[]) as named (network, tx_id)
      join cursors c on c.network = named.network
      join transfers t on t.network = c.network and t.epoch = c.epoch and t.tx_id = named.tx_id
     order by t.id`.execute(tx);
  return rows;
}

/** Of these transfers, those that count for another invoice. */
export async function countingElsewhere(
  tx: Tx,
  transferIds: readonly number[],
  invoiceId: number,
): Promise<Set<number>> {
  const { rows } = await sql<{ transfer_id: number }>`
    select transfer_id from payments
     where transfer_id = any(${transferIds}::bigint[]) and state <> 'released' and invoice_id <> ${invoiceId}`.execute(
    tx,
  );
  return new Set(rows.map(row => row.transfer_id));
}

/** A transfer and the invoice it is to pay; `waits`: until it is final, and two providers agree on it where they must. */
type Claim = { transferId: number; invoiceId: number; waits: boolean };

/** Makes a locked transfer the payment of an invoice that a person has named it for; false where it counts for another one. */
export async function claimTransfer(
  tx: Tx,
  { transferId, invoiceId, waits }: Claim,
  now: number,
): Promise<boolean> {
  const state = waits ? 'pending' : 'settled';
  const settledAt = waits ? null : new Date(now);
  const { rows } = await sql`
    insert into payments as p (transfer_id, invoice_id, kind, state, created_at, settled_at)
    values (${transferId}, ${invoiceId}, 'manual', ${state}, ${new Date(now)}, ${settledAt})
    on conflict (transfer_id) do update set state = excluded.state, invoice_id = excluded.invoice_id, kind = 'manual',
      settled_at = excluded.settled_at
      where p.state = 'released' or p.invoice_id = excluded.invoice_id
    returning id`.execute(tx);
  return rows.length > 0;
}

/** Whether a transfer is what has paid an invoice, or is to verify that it did. */
export async function countsFor(db: Db | Tx, transferId: number, invoiceId: number): Promise<boolean> {
  const { rows } = await sql`
    select id from payments where transfer_id = ${transferId} and invoice_id = ${invoiceId}
       and (state = 'settled' or (state = 'pending' and kind = 'manual'))`.execute(db);
  return rows.length > 0;
}

/** Whether another invoice names this transaction, in any of these forms, as its payment. */
export async function isNamedElsewhere(
  tx: Tx,
  forms: readonly string[],
  invoiceId: number,
): Promise<boolean> {
  const { rows } = await sql`
    select id from invoices where transaction_id = any(${forms}::text[]) and id <> ${invoiceId}
       and status in ('confirming', 'completed', 'paid_manually') limit 1`.execute(tx);
  return rows.length > 0;
}
