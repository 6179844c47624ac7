/** What a merchant accepts beside exact payments in time, what it wants to be told of, and what people have dealt with. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table merchants
     add column late_policy text not null default 'review' check (late_policy in ('review', 'accept', 'reject')),
     add column late_drift numeric(7, 4) not null default 1 check (late_drift between 0 and 100),
     add column underpaid_tolerance numeric(7, 4) not null default 0 check (underpaid_tolerance between 0 and 5),
     add column overpaid_tolerance numeric(7, 4) not null default 0 check (overpaid_tolerance between 0 and 100),
     add column opt_in_events text[] not null default '{}'`,
  `alter table payments
     add column kind text not null default 'exact' check (kind in ('exact', 'late', 'under', 'over', 'manual'))`,
  `update payments p set kind = 'manual' from invoices i
    where i.id = p.invoice_id and i.status = 'paid_manually' and p.state = 'settled'`,
  'alter table invoices drop constraint invoices_exception_check',
  `alter table invoices
     add column exception_resolved_at timestamptz,
     add constraint invoices_exception_check check (exception in ('reversed', 'unverified_manual', 'underpaid',
       'duplicate', 'overpaid', 'paid_late', 'paid_after_cancel')),
     add check (exception_resolved_at is null or exception is not null)`,
  `alter table transfers
     add column resolution text check (resolution in ('refunded', 'dismissed')),
     add column resolved_at timestamptz,
     add column resolved_by text check (length(resolved_by) between 1 and 100),
     add column refund_tx_id text check (length(refund_tx_id) between 1 and 200),
     add column resolution_memo text check (length(resolution_memo) between 1 and 500),
     add check (num_nonnulls(resolution, resolved_at, resolved_by) in (0, 3)),
     add check (num_nonnulls(refund_tx_id, resolution_memo) = 0 or resolution is not null)`,
  `create index transfers_unmatched on transfers (id) where state = 'unmatched' and resolution is null`,
  'alter table outbox drop constraint outbox_type_check',
  `alter table outbox add constraint outbox_type_check check (type in ('paid', 'expired', 'paid_manually', 'cancelled',
     'detected', 'underpaid', 'overpaid', 'late', 'duplicate', 'reversed'))`,
];
