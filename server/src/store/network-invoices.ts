/** How much hangs on a network that somebody is about to take out of use. */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Db } from './db.ts';

/** Invoices that wait for a payment and hold an amount on the network. */
export async function openInvoicesOn(db: Db, network: NetworkCode): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from invoices i
     where i.status in ('awaiting_method', 'new', 'confirming')
       and exists (select from reservations r where r.invoice_id = i.id and r.network = ${network})`.execute(
    db,
  );
  return rows[0]?.n ?? 0;
}
