/** Amounts an invoice asked for before its payer changed coin or network; they stay held and still settle it. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of replacedMethods) await sql.raw(statement).execute(db);
}

const replacedMethods = [
  // One a coin and network: whoever chooses again what was replaced gets the amount that is held for it.
  `create table replaced_methods (
    invoice_id bigint not null references invoices,
    network text not null,
    asset text not null,
    wallet_id bigint not null references wallets,
    address text not null,
    address_key text not null,
    final_units numeric(78, 0) not null check (final_units > 0),
    final_decimals smallint not null,
    commission numeric(38, 8) not null check (commission >= 0),
    method_at timestamptz not null,
    replaced_at timestamptz not null,
    primary key (invoice_id, network, asset)
  )`,
];
