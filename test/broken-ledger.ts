/** Ways to break by hand what must always be true of the operator's books, for the test of the invariants. */
import { sql } from 'kysely';
import type { Break } from './broken-rules.ts';

/** The guards that stand in the way of what must never happen. */
const unguarded = sql`alter table postings disable trigger postings_only_grow`;
const unguardedEntries = sql`alter table journal_entries disable trigger journal_entries_only_grow`;

const entryOf = (invoice: number, kind = 'commission') =>
  sql`(select id from journal_entries where invoice_id = ${invoice} and kind = ${kind} limit 1)`;

/** Writes an entry of an invoice again under another kind and number, its sides multiplied by `sign`. */
const bookAgain = (invoice: number, as: { kind: string; n: number; from?: string }, sign: 1 | -1) => sql`
  with again as (
    insert into journal_entries (kind, invoice_id, n, created_at)
    select ${as.kind}, invoice_id, ${as.n}, created_at from journal_entries
     where id = ${entryOf(invoice, as.from)} returning id),
  moved as (
    update accounts a set balance = balance + ${sign} * p.amount from postings p
     where p.entry_id = ${entryOf(invoice, as.from)} and p.account_id = a.id)
  insert into postings
  select again.id, p.account_id, ${sign} * p.amount from again, postings p where p.entry_id = ${entryOf(invoice, as.from)}`;

/** Moves the user's side of an entry to the account of somebody else. */
const toAnother = (invoice: number, kind: string) => [
  sql`insert into accounts (kind, user_id, currency, balance, created_at)
      select 'user_balance', max(id), 'USD', 0, '2026-01-01' from users`,
  sql`update postings p set account_id = (select id from accounts where user_id = (select max(id) from users))
        from accounts a where a.id = p.account_id and a.user_id is not null and p.entry_id = ${entryOf(invoice, kind)}`,
];

/** By the name of the rule, as in broken-rules.ts. */
export const ledgerBreaks: Record<string, Break[]> = {
  'every entry of the books moves an amount between two accounts: debits equal credits': [
    [
      'an entry with one side only',
      ids => [unguarded, sql`delete from postings where entry_id = ${entryOf(ids.completed)} and amount > 0`],
      'entry',
    ],
    [
      'an entry whose sides differ',
      ids => [
        unguarded,
        sql`update postings set amount = amount * 2 where entry_id = ${entryOf(ids.completed)} and amount > 0`,
      ],
      'entry',
    ],
    [
      'an entry without postings',
      ids => [unguarded, sql`delete from postings where entry_id = ${entryOf(ids.completed)}`],
      'entry',
    ],
  ],
  "a user's balance is the sum of what was posted to it": [
    [
      'a balance that was changed by hand',
      _ids => [sql`update accounts set balance = balance + 0.00000001 where user_id is not null`],
      'account',
    ],
    [
      'a balance from nowhere',
      _ids => [
        sql`insert into accounts (kind, user_id, currency, balance, created_at)
          select 'user_balance', max(id), 'USD', 5, '2026-01-01' from users`,
      ],
      'account',
    ],
  ],
  'the commission of an invoice is its percent of what is requested, rounded up to 8 decimals': [
    [
      'a commission of 10^-8 too little',
      ids => [sql`update invoices set commission = commission - 0.00000001 where id = ${ids.open}`],
      'invoice open',
    ],
    [
      'a percent that was changed afterwards',
      ids => [sql`update invoices set commission_percent = 2 where id = ${ids.open}`],
      'invoice open',
    ],
  ],
  'a commission is charged once, when the invoice is paid, and given back while that is reversed': [
    [
      'a paid invoice that was not charged',
      ids => [
        unguardedEntries,
        unguarded,
        sql`update journal_entries set invoice_id = ${ids.open} where id = ${entryOf(ids.completed)}`,
      ],
      'invoice completed',
    ],
    [
      'an open invoice that was charged',
      ids => [
        unguardedEntries,
        sql`update journal_entries set invoice_id = ${ids.open} where id = ${entryOf(ids.completed)}`,
      ],
      'invoice open',
    ],
    [
      'a confirmed invoice charged twice',
      ids => [bookAgain(ids.manual, { kind: 'commission_restored', n: 1 }, 1)],
      'invoice manual',
    ],
    [
      'a commission that is not called one',
      ids => [
        unguardedEntries,
        sql`update journal_entries set kind = 'commission_restored', n = 1 where id = ${entryOf(ids.completed)}`,
      ],
      'invoice completed',
    ],
    [
      "a commission on another user's account",
      ids => [unguarded, ...toAnother(ids.completed, 'commission')],
      'invoice completed',
    ],
    [
      'a commission given back to another user, and charged again',
      ids => [
        unguarded,
        bookAgain(ids.completed, { kind: 'commission_reversal', n: 1 }, -1),
        bookAgain(ids.completed, { kind: 'commission_restored', n: 1 }, 1),
        ...toAnother(ids.completed, 'commission_reversal'),
      ],
      'invoice completed',
    ],
    [
      'a reversed invoice whose commission was kept',
      ids => [sql`update invoices set exception = 'reversed' where id = ${ids.completed}`],
      'invoice completed',
    ],
    [
      'a commission given back for an invoice that stands',
      ids => [bookAgain(ids.completed, { kind: 'commission_reversal', n: 1 }, -1)],
      'invoice completed',
    ],
  ],
  'a top-up is credited once to its user, when the invoice is paid, and taken back while that is reversed': [
    [
      'a paid top-up that nobody got',
      ids => [
        unguardedEntries,
        sql`update journal_entries set invoice_id = ${ids.open} where id = ${entryOf(ids.late, 'top_up')}`,
      ],
      'invoice late',
    ],
    [
      'a top-up credited twice',
      ids => [bookAgain(ids.late, { kind: 'top_up_restored', n: 1, from: 'top_up' }, 1)],
      'invoice late',
    ],
    [
      'a top-up credited to another user',
      ids => [sql`update invoices set top_up_user_id = 2 where id = ${ids.late}`],
      'invoice late',
    ],
    [
      'a top-up that is not called one',
      ids => [
        unguardedEntries,
        sql`update journal_entries set kind = 'top_up_restored', n = 1 where id = ${entryOf(ids.late, 'top_up')}`,
      ],
      'invoice late',
    ],
    [
      'a top-up taken back from another user, and credited again',
      ids => [
        unguarded,
        bookAgain(ids.late, { kind: 'top_up_reversal', n: 1, from: 'top_up' }, -1),
        bookAgain(ids.late, { kind: 'top_up_restored', n: 1, from: 'top_up' }, 1),
        ...toAnother(ids.late, 'top_up_reversal'),
      ],
      'invoice late',
    ],
    [
      'a reversed top-up that was kept',
      ids => [sql`update invoices set exception = 'reversed' where id = ${ids.late}`],
      'invoice late',
    ],
  ],
};
