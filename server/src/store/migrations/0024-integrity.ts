/** The books and the audit log refuse to be emptied too; an invoice may say that it expired while nobody could look. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Truncate runs no row triggers: whoever may empty a table would otherwise leave books that balance at nothing.
  ...['journal_entries', 'postings', 'audit_log'].map(
    table => `create trigger ${table}_never_emptied before truncate on ${table}
      for each statement execute function refuse_change()`,
  ),
  'alter table invoices drop constraint invoices_exception_check',
  `alter table invoices add constraint invoices_exception_check check (exception in ('reversed', 'unverified_manual',
     'underpaid', 'duplicate', 'overpaid', 'paid_late', 'paid_after_cancel', 'expired_blind'))`,
];
