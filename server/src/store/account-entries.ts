/** The entries of a user's account in the books, as its owner reads them. */
import type { EntryKind } from '../domain/ledger.ts';
import type { Db } from './db.ts';

export type AccountEntry = {
  id: number;
  kind: EntryKind;
  /** What the balance grew by: exact, 8 decimals. */
  amount: string;
  invoice_id: number | null;
  memo: string | null;
  created_at: number;
};

/** Newest first, older than the entry `before`, at most `limit`. */
export async function accountEntries(
  db: Db,
  { userId, before, limit }: { userId: number; before: number | null; limit: number },
): Promise<AccountEntry[]> {
  return db
    .selectFrom('accounts as a')
    .innerJoin('postings as p', 'p.account_id', 'a.id')
    .innerJoin('journal_entries as e', 'e.id', 'p.entry_id')
    .select(['e.id', 'e.kind', 'p.amount', 'e.invoice_id', 'e.memo', 'e.created_at'])
    .where('a.user_id', '=', userId)
    .$if(before !== null, query => query.where('p.entry_id', '<', before ?? 0))
    .orderBy('p.entry_id', 'desc')
    .limit(limit)
    .execute();
}
