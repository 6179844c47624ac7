/**
 * What merchants asked for and were paid, by day, merchant and coin. Everything is counted anew from invoices, transfers and
 * the books; nothing is kept for it. An invoice stands in exactly one row, and there under exactly one end.
 */
import { type RawBuilder, sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Tx } from './db.ts';
import { readRows } from './read-rows.ts';
import { dayOf, isInDays, isReported, type ReportFilter } from './report-filter.ts';

/**
 * `created`: each invoice on the day it was made, with what has become of it since. `ended`: each on the day it reached the
 * end it is in; open ones not at all.
 */
export type DayBy = 'created' | 'ended';

/** Amounts are exact texts; those requested are in the coin, or in US dollars where none was chosen. */
export type DailyRow = {
  /** YYYY-MM-DD */
  day: string;
  merchant_id: number;
  merchant_name: string;
  network: NetworkCode | null;
  asset: AssetCode | null;
  invoices: number;
  open: number;
  completed: number;
  paid_manually: number;
  expired: number;
  cancelled: number;
  /** Paid, and the transfer has left the chain since, or was never on it. */
  reversed: number;
  requested: string;
  /** Of that, what is requested by those that are paid and not reversed. */
  paid: string;
  /** What reached the wallets by the transfers that count, in base units of the coin; null where no coin is known. */
  received_units: string | null;
  /** In US dollars: charged, less what was given back. */
  commission: string;
};

/** The rows of a report, the first day first. */
export function dailyReport(tx: Tx, filter: ReportFilter, by: DayBy): AsyncGenerator<DailyRow[]> {
  const isPaid = sql`(status in ('completed', 'paid_manually') and not is_reversed)`;
  const ofStatus = (status: string) => sql`count(*) filter (where status = ${status} and not is_reversed)`;
  return readRows(
    tx,
    sql<DailyRow>`
    select to_char(day, 'YYYY-MM-DD') as day, merchant_id, merchant_name, network, asset, count(*) as invoices,
           count(*) filter (where status in ('awaiting_method', 'new', 'confirming')) as open,
           ${ofStatus('completed')} as completed, ${ofStatus('paid_manually')} as paid_manually,
           ${ofStatus('expired')} as expired, ${ofStatus('cancelled')} as cancelled,
           count(*) filter (where is_reversed) as reversed, sum(requested_amount) as requested,
           coalesce(sum(requested_amount) filter (where ${isPaid}), 0) as paid,
           case when asset is not null then coalesce(sum(units), 0) end as received_units,
           coalesce(sum(commission), 0) as commission
      from (${reportedInvoices(filter, by)}) i
     group by i.day, merchant_id, merchant_name, network, asset
     order by i.day, merchant_id, asset, network`,
  );
}

/**
 * Each invoice with its day, what was received for it and what was booked. It is of the coin that was received: a person may
 * have accepted another one than was asked, or confirmed it before any was chosen.
 */
function reportedInvoices(filter: ReportFilter, by: DayBy): RawBuilder<unknown> {
  const time = by === 'created' ? sql`i.created_at` : sql`i.ended_at`;
  return sql`
    select ${dayOf(time, filter)} as day, i.merchant_id, m.name as merchant_name, i.status, i.requested_amount,
           i.exception is not distinct from 'reversed' as is_reversed,
           coalesce(r.network, i.network) as network, coalesce(r.asset, i.asset) as asset, r.units, c.commission
      from invoices i
      join merchants m on m.id = i.merchant_id
      left join lateral (
        select min(t.network) as network, min(t.asset) as asset, sum(t.units) as units
          from payments p join transfers t on t.id = p.transfer_id
         where p.invoice_id = i.id and p.state = 'settled' and t.height is not null) r on true
      left join lateral (
        select -sum(p.amount) as commission
          from journal_entries e join postings p on p.entry_id = e.id join accounts a on a.id = p.account_id
         where e.invoice_id = i.id and a.user_id is not null
           and e.kind in ('commission', 'commission_reversal', 'commission_restored')) c on true
     where ${isReported(filter)} and ${isInDays(time, filter)}`;
}
