/** From when on a wallet may take invoices, letters that announce one that waits, and reading an account's newest entries. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table wallets add column active_from timestamptz',
  `alter table mails
     add column wallet_id bigint references wallets on delete cascade,
     drop constraint mails_kind_check,
     add constraint mails_kind_check check (kind in ('password_reset', 'registration', 'invitation', 'wallet_held')),
     add check ((kind = 'wallet_held') = (wallet_id is not null))`,
  'create index mails_wallet on mails (wallet_id) where wallet_id is not null',
  'drop index postings_account',
  'create index postings_account on postings (account_id, entry_id)',
];
