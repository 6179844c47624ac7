/**
 * Where invoices, transfers and the books disagree: what `report reconcile` looks for, in the days and of the merchants of a
 * report. What an invoice owes is computed from its price and percent anew, and compared with every entry and posting.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from './db.ts';
import { isInDays, isReported, type ReportFilter } from './report-filter.ts';
import { categorized } from './transfer-categories.ts';

export const differenceNames = {
  unexplained: 'a transfer that is in no category',
  unpaid: 'a paid invoice without the transfer that pays it',
  unearned: 'a transfer that settled an invoice which is not paid',
  misplaced:
    'a transfer of another coin or to another wallet than its invoice asks for, and nobody has said so',
  booking: 'an invoice whose entries in the books are not what it owes',
  balance: 'a balance that is not what invoices and adjustments make it',
  sum: 'categories that do not sum to what was received',
} as const;

/** `subject`: what it is about, such as `invoice 7`; `found` and `expected` are for people. */
export type Difference = {
  name: keyof typeof differenceNames;
  subject: string;
  found: string;
  expected: string;
};

const isPaid = sql`i.status in ('completed', 'paid_manually')`;
const isReversed = sql`(${isPaid} and i.exception is not distinct from 'reversed')`;

/** A paid invoice by its end; one that was reversed or restored in these days, too. */
const isReportedInvoice = (filter: ReportFilter): RawBuilder<boolean> => sql`(${isReported(filter)} and (
  ${isInDays(sql`i.ended_at`, filter)}
  or exists (select from journal_entries e where e.invoice_id = i.id and ${isInDays(sql`e.created_at`, filter)})))`;

/** At most `most` differences between invoices, transfers and the books, those of invoices by their ids. */
export async function findDifferences(tx: Tx, filter: ReportFilter, most: number): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const search of [unexplained, unpaid, unearned, misplaced, bookings, balances]) {
    const query = search(filter);
    const { rows } = await sql<Difference>`${query} limit ${most - found.length}`.execute(tx);
    found.push(...rows);
  }
  return found;
}

const unexplained = (filter: ReportFilter): RawBuilder<Difference> => sql`
  select 'unexplained' as name, 'transfer ' || id as subject,
         concat_ws(', ', state, 'payment ' || coalesce(payment_state, 'none'), 'invoice ' || invoice_id) as found,
         'one of the states of a transfer' as expected
    from (${categorized(filter)}) t where category = 'unexplained' order by id`;

/** One that the shop has confirmed unseen has none, and says so. */
const unpaid = (filter: ReportFilter): RawBuilder<Difference> => sql`
  select 'unpaid' as name, 'invoice ' || i.id as subject, i.status || ', no transfer' as found,
         'a settled transfer' as expected
    from invoices i join merchants m on m.id = i.merchant_id
   where ${isReportedInvoice(filter)} and ${isPaid} and i.exception is distinct from 'unverified_manual'
     and not exists (select from payments p where p.invoice_id = i.id and p.state = 'settled')
   order by i.id`;

const unearned = (filter: ReportFilter): RawBuilder<Difference> => sql`
  select 'unearned' as name, 'invoice ' || i.id as subject,
         i.status || ', transfer ' || p.transfer_id || ' settled' as found, 'completed or paid_manually' as expected
    from payments p join invoices i on i.id = p.invoice_id join merchants m on m.id = i.merchant_id
   where ${isReported(filter)} and ${isInDays(sql`p.settled_at`, filter)} and p.state = 'settled' and not ${isPaid}
   order by i.id`;

const misplaced = (filter: ReportFilter): RawBuilder<Difference> => sql`
  select 'misplaced' as name, 'invoice ' || i.id as subject,
         concat_ws(' ', 'transfer', t.id, t.asset, t.network, t.to_key) as found,
         concat_ws(' ', i.asset, i.network, i.address_key) as expected
    from payments p join transfers t on t.id = p.transfer_id
    join invoices i on i.id = p.invoice_id join merchants m on m.id = i.merchant_id
   where ${isReported(filter)} and ${isInDays(sql`p.settled_at`, filter)} and p.state = 'settled'
     and p.kind <> 'manual' and i.network is not null and (t.network, t.asset, t.to_key) <> (i.network, i.asset, i.address_key)
   order by i.id`;

/** In US dollars, as the coins count one to one; of the account that it moves. */
const owed = sql`lateral (values
  ('commission', 'operator_revenue', m.user_id, -ceil(i.requested_amount * i.commission_percent * 1000000) / 100000000),
  ('top_up', 'top_up_clearing', i.top_up_user_id, case when i.top_up_user_id is null then 0 else i.requested_amount end)
) as o (kind, against, user_id, amount)`;

/** An entry has two sides, this amount on the user's account and its opposite on the operator's. */
const isRight = (amount: RawBuilder<unknown>): RawBuilder<boolean> => sql`
  coalesce((select count(*) = 2 and count(*) filter (where a.user_id = o.user_id and p.amount = ${amount}) = 1
          and count(*) filter (where a.kind = o.against and p.amount = -(${amount})) = 1
     from postings p join accounts a on a.id = p.account_id where p.entry_id = e.id), false)`;

const bookings = (filter: ReportFilter): RawBuilder<Difference> => sql`
  select 'booking' as name, 'invoice ' || i.id as subject,
         format('%s %s, %s back, %s again, %s wrong', b.times, o.kind, b.back, b.again, b.wrong) as found,
         format('%s %s of %s USD, %s', w.times, o.kind, round(o.amount, 8),
                case when ${isReversed} then 'back once more than again' else 'as often back as again' end) as expected
    from invoices i join merchants m on m.id = i.merchant_id
   cross join ${owed}
   cross join lateral (select case when ${isPaid} and o.amount <> 0 then 1 else 0 end as times) w
   cross join lateral (
     select count(*) filter (where e.kind = o.kind) as times,
            count(*) filter (where e.kind = o.kind || '_reversal') as back,
            count(*) filter (where e.kind = o.kind || '_restored') as again,
            count(*) filter (where not ${isRight(sql`case when e.kind = o.kind || '_reversal' then -o.amount else o.amount end`)}) as wrong
       from journal_entries e
      where e.invoice_id = i.id and e.kind in (o.kind, o.kind || '_reversal', o.kind || '_restored')) b
   where ${isReportedInvoice(filter)} and (b.times <> w.times or b.wrong > 0
      or b.back - b.again <> (case when ${isReversed} and w.times = 1 then 1 else 0 end))
   order by i.id`;

/** As they are now, whatever the days: a balance is of all days. */
const balances = (filter: ReportFilter): RawBuilder<Difference> => sql`
  select 'balance' as name, 'user ' || u.id as subject, round(coalesce(a.balance, 0), 8)::text as found,
         round(s.total, 8)::text as expected
    from users u
    left join accounts a on a.user_id = u.id
   cross join lateral (select
       coalesce((select sum(p.amount) from postings p join journal_entries e on e.id = p.entry_id
                  where p.account_id = a.id and e.kind = 'adjustment'), 0)
     + coalesce((select -sum(ceil(i.requested_amount * i.commission_percent * 1000000) / 100000000)
                   from invoices i join merchants m on m.id = i.merchant_id
                  where m.user_id = u.id and ${isPaid} and not ${isReversed}), 0)
     + coalesce((select sum(i.requested_amount) from invoices i
                  where i.top_up_user_id = u.id and ${isPaid} and not ${isReversed}), 0) as total) s
   where exists (select from merchants m where m.user_id = u.id and ${isReported(filter)})
     and coalesce(a.balance, 0) <> s.total
   order by u.id`;
