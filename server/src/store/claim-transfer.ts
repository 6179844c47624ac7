/** A transfer that a person named is made the payment of an invoice, unless it is another's already. */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import { type Header, storedAbove } from './cursors.ts';
import type { Tx } from './db.ts';
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

/** Makes a locked transfer the settled payment of an invoice; false where it counts for another one. */
export async function claimTransfer(
  tx: Tx,
  { transferId, invoiceId }: { transferId: number; invoiceId: number },
  now: number,
): Promise<boolean> {
  const { rows } = await sql`
    insert into payments as p (transfer_id, invoice_id, kind, state, created_at, settled_at)
    values (${transferId}, ${invoiceId}, 'manual', 'settled', ${new Date(now)}, ${new Date(now)})
    on conflict (transfer_id) do update set state = 'settled', invoice_id = excluded.invoice_id, kind = 'manual',
      settled_at = excluded.settled_at
      where p.state = 'released' or p.invoice_id = excluded.invoice_id
    returning id`.execute(tx);
  return rows.length > 0;
}

/** Whether another invoice names this transaction as its payment. */
export async function isNamedElsewhere(tx: Tx, transactionId: string, invoiceId: number): Promise<boolean> {
  const { rows } = await sql`
    select id from invoices where transaction_id = ${transactionId} and id <> ${invoiceId}
       and status in ('confirming', 'completed', 'paid_manually') limit 1`.execute(tx);
  return rows.length > 0;
}
