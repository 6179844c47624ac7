/** How much hangs on a network that somebody is about to take out of use. */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Db } from './db.ts';

/** Invoices that hold an amount on the network: all that are open, and those of them that are being paid, on whichever network. */
export async function openInvoicesOn(
  db: Db,
  network: NetworkCode,
): Promise<{ open: number; confirming: number }> {
  const { rows } = await sql<{ open: number; confirming: number }>`
    select count(*)::int as open, (count(*) filter (where i.status = 'confirming'))::int as confirming from invoices i
     where i.status in ('awaiting_method', 'new', 'confirming')
       and exists (select from reservations r where r.invoice_id = i.id and r.network = ${network})`.execute(
    db,
  );
  return rows[0] ?? { open: 0, confirming: 0 };
}
