/** Invoices that are paid in parts: the amounts asked for what is left, and payments that cover an invoice together. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table merchants add column remainder boolean not null default false',
  'alter table payments drop constraint payments_kind_check',
  `alter table payments add constraint payments_kind_check
     check (kind in ('exact', 'late', 'under', 'over', 'manual', 'part', 'late_part'))`,
  'drop index payments_settled_once',
  `create unique index payments_settled_once on payments (invoice_id)
     where state = 'settled' and kind not in ('part', 'late_part')`,
  `create index payments_parts on payments (invoice_id) where state = 'pending' and kind in ('part', 'late_part')`,
  `create table remainders (
     invoice_id bigint not null references invoices,
     network text not null,
     asset text not null,
     wallet_id bigint not null references wallets,
     address_key text not null,
     received numeric(78, 0) not null check (received > 0),
     units numeric(78, 0) not null check (units > 0),
     asked_at timestamptz not null,
     primary key (invoice_id, network, asset, received)
   )`,
];
