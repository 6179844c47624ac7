/**
 * The operator's double-entry ledger: accounts, journal entries and their postings, which only grow. A user's balance is
 * the sum of the postings on the user's account; it is kept up to date in the transaction that adds to them.
 */
import { sql } from 'kysely';
import type { Entry, OperatorAccount } from '../domain/ledger.ts';
import { type Decimal, parseDecimal } from '../domain/money.ts';
import { formatUsd, type Usd, usdFrom } from '../domain/usd.ts';
import type { Db, Tx } from './db.ts';

const OPERATOR: readonly OperatorAccount[] = ['operator_revenue', 'top_up_clearing', 'adjustments'];

/**
 * Writes entries into the books. Of an invoice, this transaction must have locked the row. The users' accounts are locked
 * lowest id first, and held to the end of the transaction: nothing else should be locked after this.
 */
export async function post(tx: Tx, entries: readonly Entry[], now: number): Promise<void> {
  if (entries.length === 0) return;
  const accounts = (await lockAccounts(tx, entries)) ?? (await openAccounts(tx, entries, now));
  const { rows } = await sql<{ written: number }>`
    with line as materialized (
      select nextval('journal_entries_id_seq') as id, l.*, o.id as other_id, case
          when l.kind like '%reversal' or l.kind like '%restored' then 1 + (
            select count(*) from journal_entries e where e.invoice_id = l.invoice_id and e.kind = l.kind)
          else 0 end as n
        from unnest(
          ${entries.map(entry => entry.kind)}::text[], ${entries.map(entry => entry.invoiceId)}::bigint[],
          ${entries.map(entry => entry.memo)}::text[], ${accounts}::bigint[],
          ${entries.map(entry => entry.against)}::text[], ${entries.map(entry => formatUsd(entry.amount))}::numeric[]
        ) as l (kind, invoice_id, memo, account_id, against, amount)
        join accounts o on o.kind = l.against and o.user_id is null),
    entry as (
      insert into journal_entries (id, kind, invoice_id, n, memo, created_at)
      select id, kind, invoice_id, n, memo, ${new Date(now)} from line),
    posting as (
      insert into postings (entry_id, account_id, amount)
      select id, account_id, amount from line union all select id, other_id, -amount from line),
    balance as (
      update accounts a set balance = a.balance + s.amount
        from (select account_id, sum(amount) as amount from line group by account_id) s where a.id = s.account_id)
    select count(*) as written from line`.execute(tx);
  if (rows[0]?.written !== entries.length) throw new Error('an entry of the ledger has no account');
}

const usersOf = (entries: readonly Entry[]) =>
  entries.map(({ owner }) => ('userId' in owner ? owner.userId : null));
const merchantsOf = (entries: readonly Entry[]) =>
  entries.map(({ owner }) => ('merchantId' in owner ? owner.merchantId : null));

/** The user's account of each entry, in order; null when one of them was not opened yet. */
async function lockAccounts(tx: Tx, entries: readonly Entry[]): Promise<number[] | null> {
  const { rows } = await sql<{ n: number; id: number }>`
    select o.n, a.id
      from unnest(${usersOf(entries)}::bigint[], ${merchantsOf(entries)}::bigint[])
        with ordinality as o (user_id, merchant_id, n)
      left join merchants m on m.id = o.merchant_id
      join accounts a on a.user_id = coalesce(o.user_id, m.user_id)
     order by a.id for update of a`.execute(tx);
  const found = new Map(rows.map(row => [row.n - 1, row.id]));
  const accounts = entries.flatMap((_, index) => found.get(index) ?? []);
  return accounts.length === entries.length ? accounts : null;
}

/** Opens the accounts that are missing, the operator's with the first user's, and locks those of the entries. */
async function openAccounts(tx: Tx, entries: readonly Entry[], now: number): Promise<number[]> {
  await sql`
    insert into accounts (kind, user_id, currency, balance, created_at)
    select kind, user_id, 'USD', case when user_id is null then null else 0 end, ${new Date(now)} from (
      select unnest(${OPERATOR}::text[]) as kind, null::bigint as user_id
      union
      select 'user_balance', coalesce(o.user_id, m.user_id)
        from unnest(${usersOf(entries)}::bigint[], ${merchantsOf(entries)}::bigint[]) as o (user_id, merchant_id)
        left join merchants m on m.id = o.merchant_id) wanted
     order by user_id nulls first, kind
    on conflict do nothing`.execute(tx);
  const accounts = await lockAccounts(tx, entries);
  if (!accounts) throw new Error('an entry of the ledger has no user');
  return accounts;
}

/** What a user has; nothing until the first entry. */
export async function balanceOf(db: Db, userId: number): Promise<Usd> {
  const row = await db
    .selectFrom('accounts')
    .select('balance')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return usdFrom(row?.balance ?? '0');
}

/** What new invoices of a merchant cost, where its user has a percent of its own, and what the user has. */
export type MerchantTerms = { percent: Decimal | null; balance: Usd };

/** The terms of each merchant, by id. */
export async function termsOf(tx: Tx, merchantIds: readonly number[]): Promise<Map<number, MerchantTerms>> {
  const rows = await tx
    .selectFrom('merchants as m')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .leftJoin('accounts as a', 'a.user_id', 'u.id')
    .where('m.id', '=', sql<number>`any(${[...new Set(merchantIds)]}::bigint[])`)
    .select(['m.id', 'u.commission_percent', 'a.balance'])
    .execute();
  return new Map(
    rows.map(row => [
      row.id,
      { percent: percentFrom(row.commission_percent), balance: usdFrom(row.balance ?? '0') },
    ]),
  );
}

/** A percent as the database writes it. */
export function percentFrom(text: string): Decimal;
export function percentFrom(text: string | null): Decimal | null;
export function percentFrom(text: string | null): Decimal | null {
  if (text === null) return null;
  const percent = parseDecimal(text);
  if (!percent) throw new Error('a percent of the database is not a decimal');
  return percent;
}

/** Users whose balance is below a limit, lowest first. */
export async function lowBalances(
  db: Db,
  { below, most }: { below: Usd; most: number },
): Promise<{ userId: number; balance: Usd }[]> {
  const { rows } = await sql<{ user_id: number; balance: string }>`
    select user_id, balance from accounts
     where user_id is not null and balance < ${formatUsd(below)}::numeric
     order by balance limit ${most}`.execute(db);
  return rows.map(row => ({ userId: row.user_id, balance: usdFrom(row.balance) }));
}
