/** What the rest of the version 1 API needs: widgets, rates, manual confirmation, key rotation, replay protection. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...invoices, ...merchants, ...requests, ...rates]) {
    await sql.raw(statement).execute(db);
  }
}

const invoices = [
  `alter table invoices
     add column page_id uuid unique,
     add column widget_description text check (length(widget_description) <= 100),
     add column back_url text,
     add column cancel_url text,
     add column lang text,
     add column rate numeric(48, 18) check (rate > 0),
     add column rate_origin text,
     add check ((source_currency is null) = (rate is null)),
     add check ((rate is null) = (rate_origin is null))`,
  'alter table invoices drop constraint invoices_exception_check',
  `alter table invoices add constraint invoices_exception_check check (exception in ('reversed', 'unverified_manual'))`,
  // Search: exact by each documented field, and by prefix for the reference and the metadata, within one merchant.
  'create index invoices_reference_prefix on invoices (merchant_id, client_reference_id text_pattern_ops)',
  'create index invoices_metadata_prefix on invoices (merchant_id, left(metadata, 255) text_pattern_ops) where metadata is not null',
  'create index invoices_transaction on invoices (merchant_id, transaction_id) where transaction_id is not null',
  'create index invoices_payer on invoices (merchant_id, payer_wallet) where payer_wallet is not null',
  'create index invoices_address on invoices (merchant_id, address, id) where address is not null',
];

const merchants = [
  `alter table merchants
     add column signature_v2 text not null default 'off' check (signature_v2 in ('off', 'on', 'required')),
     add column verified_only boolean not null default false`,
  'alter table merchant_keys add column expires_at timestamptz, add column last_used_at timestamptz',
];

const requests = [
  `create table idempotency_keys (
    merchant_id bigint not null references merchants,
    method text not null,
    path text not null,
    key text not null check (length(key) between 1 and 255),
    body_hash bytea not null,
    status integer,
    content_type text,
    body text,
    created_at timestamptz not null,
    primary key (merchant_id, method, path, key),
    check (num_nonnulls(status, content_type, body) in (0, 3))
  )`,
  'create index idempotency_keys_age on idempotency_keys (created_at)',
  `create table nonces (
    merchant_id bigint not null references merchants,
    nonce text not null check (length(nonce) between 1 and 255),
    seen_at timestamptz not null,
    primary key (merchant_id, nonce)
  )`,
  'create index nonces_age on nonces (seen_at)',
];

const rates = [
  `create table rate_readings (
    source text not null,
    currency text not null,
    per_usd numeric(48, 18) not null check (per_usd > 0),
    observed_at timestamptz not null,
    fetched_at timestamptz not null,
    primary key (source, currency)
  )`,
  `create table currencies (
    currency text primary key,
    enabled boolean not null,
    pinned_rate numeric(48, 18) check (pinned_rate > 0),
    spread numeric(12, 8) not null check (spread > -1 and spread < 1)
  )`,
];
