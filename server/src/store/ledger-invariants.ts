/** What must always be true of the operator's books: every balance and every charge recomputed from the rows below it. */
import type { Invariant } from './invariants.ts';

const isPaid = `i.status in ('completed', 'paid_manually')`;
const stands = `${isPaid} and i.exception is distinct from 'reversed'`;

/** For each invoice: how often it was booked first, and what is left of it on the user's account. */
const booked = (kind: 'commission' | 'top_up') => `(
  select e.invoice_id, count(*) filter (where e.kind = '${kind}') as times, sum(p.amount) as total,
         min(a.user_id) as user_id, count(distinct a.user_id) as users
    from journal_entries e join postings p on p.entry_id = e.id join accounts a on a.id = p.account_id
   where e.kind in ('${kind}', '${kind}_reversal', '${kind}_restored') and a.user_id is not null
   group by e.invoice_id)`;

export const ledgerInvariants: readonly Invariant[] = [
  {
    name: 'every entry of the books moves an amount between two accounts: debits equal credits',
    query: `select 'entry ' || e.id from journal_entries e left join postings p on p.entry_id = e.id
       group by e.id having count(p.account_id) <> 2 or sum(p.amount) <> 0`,
  },
  {
    name: "a user's balance is the sum of what was posted to it",
    query: `select 'account ' || a.id from accounts a
        left join (select account_id, sum(amount) as total from postings group by account_id) p on p.account_id = a.id
       where a.user_id is not null and a.balance <> coalesce(p.total, 0)`,
  },
  {
    name: 'the commission of an invoice is its percent of what is requested, rounded up to 8 decimals',
    query: `select 'invoice ' || id from invoices
       where commission * 100000000 <> ceil(requested_amount * commission_percent * 1000000)`,
  },
  {
    name: 'a commission is charged once, when the invoice is paid, and given back while that is reversed',
    query: `select 'invoice ' || i.id from invoices i join merchants m on m.id = i.merchant_id
        left join ${booked('commission')} b on b.invoice_id = i.id
       where coalesce(b.times, 0) <> (case when ${isPaid} and i.commission > 0 then 1 else 0 end)
          or coalesce(b.total, 0) <> (case when ${stands} then -i.commission else 0 end)
          or b.users > 1 or b.user_id <> m.user_id`,
  },
  {
    name: 'a top-up is credited once to its user, when the invoice is paid, and taken back while that is reversed',
    query: `select 'invoice ' || i.id from invoices i left join ${booked('top_up')} b on b.invoice_id = i.id
       where coalesce(b.times, 0) <> (case when ${isPaid} and i.top_up_user_id is not null then 1 else 0 end)
          or coalesce(b.total, 0) <> (case when ${stands} and i.top_up_user_id is not null then i.requested_amount else 0 end)
          or b.users > 1 or b.user_id <> i.top_up_user_id`,
  },
];
