/** Indexes that keep every search bounded, one unseen transaction for one invoice, and when an amount was chosen. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...choice, ...search]) await sql.raw(statement).execute(db);
}

const choice = [
  // The amount of a widget is held from the payer's choice on, not from the creation.
  'alter table invoices add column method_at timestamptz',
  'update invoices set method_at = created_at where network is not null',
  'alter table invoices add check ((network is null) = (method_at is null))',
  // A transaction that nobody has seen is believed for one invoice only.
  `create unique index invoices_unverified on invoices (transaction_id) where exception = 'unverified_manual'`,
];

const search = [
  'alter table invoices add column metadata_start text generated always as (left(metadata, 255)) stored',
  'drop index invoices_reference_prefix, invoices_metadata_prefix, invoices_payer, invoices_address',
  // Those by prefix hold the id too, so that a beginning that many share is counted and sorted in the index alone.
  'create index invoices_reference_prefix on invoices (merchant_id, client_reference_id text_pattern_ops, id)',
  'create index invoices_metadata_prefix on invoices (merchant_id, metadata_start text_pattern_ops, id) where metadata_start is not null',
  // Newest first is by -id: by id the planner may walk the primary key instead, through everybody else's newer invoices.
  'create index invoices_payer on invoices (merchant_id, payer_wallet, (-id)) where payer_wallet is not null',
  'create index invoices_address on invoices (merchant_id, address, (-id)) where address is not null',
  'create index invoices_newest on invoices (merchant_id, (-id))',
];
