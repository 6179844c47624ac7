/** Closing a payment link for good. Invoices made through it stay as they are. */
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import * as links from '../store/payment-links.ts';
import { type Checked, fault } from './faults.ts';

export async function closeLink({ db }: { db: Db }, id: string): Promise<Checked<{ id: string }>> {
  const isThere = await transact(db, tx => links.closeLink(tx, id));
  return isThere ? ok({ id }) : fault('link', 'there is no payment link with this id');
}
