/** Lists of invoices and webhooks that stay fast, what a request to a shop said, and requests that a person asked for. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...lists, ...webhooks]) await sql.raw(statement).execute(db);
}

/** What a list can be walked along, newest first: see store/list-invoices.ts. */
const lists = [
  'create index invoices_by_status on invoices (merchant_id, status, (-id))',
  'create index invoices_by_method on invoices (merchant_id, network, asset, (-id)) where network is not null',
  'create index invoices_by_exception on invoices (merchant_id, (-id)) where exception is not null',
  'create index invoices_by_amount on invoices (merchant_id, requested_amount, id)',
  'create index invoices_by_creation on invoices (merchant_id, created_at, id)',
  `create index audit_log_invoice on audit_log (target, id) where target like 'invoice %'`,
];

const webhooks = [
  'alter table attempts add column request_headers text',
  'create index deliveries_newest on deliveries (merchant_id, (-id))',
  `create index deliveries_failed on deliveries (merchant_id, (-id)) where state in ('exhausted', 'no_endpoint')`,
  `create table resends (
    id bigint generated always as identity primary key,
    outbox_id bigint not null references outbox,
    invoice_id bigint not null references invoices,
    merchant_id bigint not null references merchants,
    asked_at timestamptz not null,
    asked_by bigint references people on delete set null,
    retry_count smallint not null check (retry_count between 0 and 9),
    state text not null check (state in ('open', 'answered', 'superseded', 'no_endpoint')),
    lease uuid,
    leased_until timestamptz,
    url text,
    started_at timestamptz,
    ended_at timestamptz,
    status integer,
    request_headers text,
    headers text,
    body text,
    error text,
    check ((lease is null) = (leased_until is null)),
    check ((state = 'open') = (ended_at is null)),
    check ((state = 'answered') = (url is not null)),
    check ((url is null) = (started_at is null)),
    check ((url is not null) = (num_nonnulls(status, error) = 1))
  )`,
  // One request at a time for an event: who presses twice asks once.
  `create unique index resends_open on resends (outbox_id) where state = 'open'`,
  'create index resends_outbox on resends (outbox_id)',
  'create index resends_leased on resends (invoice_id) where lease is not null',
  `create index resends_waiting on resends (merchant_id, id) where state = 'open'`,
];
