/** Links by which anybody can pay a price that a merchant has set, and the invoices made through them. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table payment_links (
    id text primary key check (id ~ '^[A-Za-z0-9_-]{22}$'),
    merchant_id bigint not null references merchants,
    amount numeric(38, 8) not null check (amount > 0),
    currency text not null,
    description text not null check (length(description) between 1 and 100),
    back_url text,
    cancel_url text,
    max_uses integer check (max_uses > 0),
    expires_at timestamptz,
    active boolean not null,
    created_at timestamptz not null
  )`,
  'create index payment_links_merchant on payment_links (merchant_id, created_at)',
  // A form has a token of its own: the key is what keeps it from making two invoices.
  `create table payment_link_uses (
    link_id text not null references payment_links,
    token text not null check (token ~ '^[A-Za-z0-9_-]{22}$'),
    invoice_id bigint not null unique references invoices,
    created_at timestamptz not null,
    primary key (link_id, token)
  )`,
  'create index payment_link_uses_newest on payment_link_uses (link_id, created_at)',
];
