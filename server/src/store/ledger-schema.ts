/** The tables of the operator's books as TypeScript sees them; docs/schema.md says what each column means. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { EntryKind, OperatorAccount } from '../domain/ledger.ts';
import type { Time } from './column.ts';

/** What every invoice says of its commission, and of the balance it tops up. */
export type InvoiceTerms = {
  commission_percent: ColumnType<string, string | undefined, string>;
  top_up_user_id: ColumnType<number | null, number | null | undefined>;
};

export type LedgerSchema = {
  accounts: {
    id: GeneratedAlways<number>;
    kind: 'user_balance' | OperatorAccount;
    user_id: number | null;
    currency: 'USD';
    balance: string | null;
    created_at: Time;
  };
  journal_entries: {
    id: Generated<number>;
    kind: EntryKind;
    invoice_id: number | null;
    n: number;
    memo: string | null;
    created_at: Time;
  };
  postings: { entry_id: number; account_id: number; amount: string };
};
