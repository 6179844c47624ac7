/** What was booked for the invoices of a report, by kind, in the days in which it was booked. */
import { sql } from 'kysely';
import type { EntryKind } from '../domain/ledger.ts';
import type { Tx } from './db.ts';
import { isInDays, isReported, type ReportFilter } from './report-filter.ts';

/** `amount`: US dollars that the users' balances grew by. */
export type BookedTotal = { kind: EntryKind; entries: number; amount: string };

export async function bookedTotals(tx: Tx, filter: ReportFilter): Promise<BookedTotal[]> {
  const { rows } = await sql<BookedTotal>`
    select e.kind, count(*) as entries, sum(p.amount) as amount
      from journal_entries e
      join invoices i on i.id = e.invoice_id join merchants m on m.id = i.merchant_id
      join postings p on p.entry_id = e.id join accounts a on a.id = p.account_id and a.user_id is not null
     where ${isReported(filter)} and ${isInDays(sql`e.created_at`, filter)}
     group by e.kind order by e.kind`.execute(tx);
  return rows;
}

/** How many invoices were confirmed by hand in these days without a transfer that anybody has seen. */
export async function countUnseen(tx: Tx, filter: ReportFilter): Promise<number> {
  const { rows } = await sql<{ invoices: number }>`
    select count(*) as invoices from invoices i join merchants m on m.id = i.merchant_id
     where ${isReported(filter)} and ${isInDays(sql`i.ended_at`, filter)} and i.exception = 'unverified_manual'`.execute(
    tx,
  );
  return rows[0]?.invoices ?? 0;
}
