/** What becomes of transfers: how they were judged, and blocks that leave the chain under them. */
import { transact } from '../server/src/store/db.ts';
import { orphanTransfers } from '../server/src/store/transfers.ts';
import type { World } from './factories.ts';

/** What became of a transfer: its state, its reason, and the invoice it belongs to. */
export async function fateOf({ db }: World, txId: string) {
  const row = await db
    .selectFrom('transfers')
    .select(['state', 'reason', 'invoice_id'])
    .where('tx_id', '=', txId)
    .executeTakeFirstOrThrow();
  return [row.state, row.reason, row.invoice_id];
}

/** The id of the row of a transfer. */
export async function idOfTransfer({ db }: World, txId: string): Promise<number> {
  const row = db.selectFrom('transfers').select('id').where('tx_id', '=', txId);
  return (await row.executeTakeFirstOrThrow()).id;
}

/** Takes what stands in TRC-20 blocks above a height off the chain. */
export async function orphanAbove({ db }: World, above: number): Promise<void> {
  await transact(db, tx => orphanTransfers(tx, { network: 'TRC-20', epoch: 1 }, above));
}
