/**
 * Where every transfer to a merchant's wallets ended up. A transfer is in exactly one category; one that fits none is
 * called `unexplained`, and is a difference.
 */
import { type RawBuilder, sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Tx } from './db.ts';
import { readRows } from './read-rows.ts';
import { isInDays, isReported, type ReportFilter } from './report-filter.ts';

const transferCategories = [
  /** Paid an invoice. */
  'settled',
  /** Counts for an invoice and is not final yet. */
  'confirming',
  /** Part of an invoice's amount, of which the rest has not come, or did not come in time. */
  'part',
  /** Nobody has judged it yet. */
  'unjudged',
  /** Settles nothing, and a person has said what became of it. */
  'refunded',
  'dismissed',
  /** Settles nothing, for a reason. */
  'unmatched',
  'ignored',
  /** Counts for an invoice of a merchant who is not in the report and has registered the same address. */
  'of_another_merchant',
  'unexplained',
  /** Paid an invoice and has left the chain since; one that a person named, once the chain is final without it. */
  'reversed',
  /** On no block that was read: it left the chain, or an invoice was confirmed by it before the watcher got there. */
  'off_chain',
] as const;
export type TransferCategory = (typeof transferCategories)[number];

/** What is in these categories has not been received. */
const notReceived: readonly TransferCategory[] = ['reversed', 'off_chain'];

export function isReceived(category: TransferCategory): boolean {
  return !notReceived.includes(category);
}

/** Of wallets, by their addresses: a coin that a wallet was not registered for reaches it all the same. */
const isToWallet = (filter: ReportFilter): RawBuilder<boolean> => sql`exists (
  select from wallets w join merchants m on m.id = w.merchant_id
   where w.network = t.network and w.address_key = t.to_key and ${isReported(filter)})`;

/** By when it was first seen: that never moves, and everything has it. */
const isReportedTransfer = (filter: ReportFilter): RawBuilder<boolean> =>
  sql`${isInDays(sql`t.detected_at`, filter)} and ${isToWallet(filter)}`;

/** `p` is the payment that counts or counted, `i` its invoice, `m` that one's merchant. */
const categoryOf = (filter: ReportFilter): RawBuilder<TransferCategory> => sql`case
  when t.height is null then
    case when p.state = 'settled' and (i.status = 'completed' or i.exception = 'reversed') then 'reversed' else 'off_chain' end
  when p.id is not null and t.state = 'matched' and not ${isReported(filter)} then 'of_another_merchant'
  when p.state = 'settled' and t.state = 'matched' and i.status in ('completed', 'paid_manually') then 'settled'
  when p.state = 'pending' and t.state = 'matched' then
    case when p.kind in ('part', 'late_part') and i.status <> 'confirming' then 'part' else 'confirming' end
  when p.id is null and t.resolution is not null then t.resolution
  when p.id is null and t.state = 'pending' then 'unjudged'
  when p.id is null and t.state in ('unmatched', 'ignored') then t.state
  else 'unexplained' end`;

/** Each transfer of the report once, with its category. */
export const categorized = (filter: ReportFilter): RawBuilder<unknown> => sql`
  select t.id, t.network, t.asset, t.tx_id, t.from_key, t.to_key, t.units, t.detected_at, t.block_time, t.height,
         t.state, t.reason, coalesce(p.invoice_id, t.invoice_id) as invoice_id, p.state as payment_state,
         ${categoryOf(filter)} as category
    from transfers t
    left join payments p on p.transfer_id = t.id and p.state <> 'released'
    left join invoices i on i.id = p.invoice_id
    left join merchants m on m.id = i.merchant_id
   where ${isReportedTransfer(filter)}`;

/** `units`: base units of the coin. Times in ms. */
export type CategorizedTransfer = {
  id: number;
  category: TransferCategory;
  reason: string | null;
  invoice_id: number | null;
  network: NetworkCode;
  asset: AssetCode;
  units: string;
  from_key: string;
  to_key: string;
  tx_id: string;
  height: number | null;
  block_time: number | null;
  detected_at: number;
  state: string;
  payment_state: string | null;
};

/** Every transfer with its category, in the order seen. */
export function categorizedTransfers(tx: Tx, filter: ReportFilter): AsyncGenerator<CategorizedTransfer[]> {
  return readRows(tx, sql<CategorizedTransfer>`select * from (${categorized(filter)}) t order by id`);
}

export type CoinTotal = { network: NetworkCode; asset: AssetCode; transfers: number; units: string };
export type CategoryTotal = CoinTotal & { category: TransferCategory; reason: string | null };

/** What each category sums to, for each coin. */
export async function categoryTotals(tx: Tx, filter: ReportFilter): Promise<CategoryTotal[]> {
  const { rows } = await sql<CategoryTotal>`
    select category, reason, network, asset, count(*) as transfers, sum(units) as units
      from (${categorized(filter)}) t
     group by category, reason, network, asset
     order by array_position(${[...transferCategories]}::text[], category), reason nulls first, asset, network`.execute(
    tx,
  );
  return rows;
}

/** Everything that stands on the chain, counted without a look at what became of it. */
export async function receivedTotals(tx: Tx, filter: ReportFilter): Promise<CoinTotal[]> {
  const { rows } = await sql<CoinTotal>`
    select network, asset, count(*) as transfers, sum(units) as units from transfers t
     where height is not null and ${isReportedTransfer(filter)}
     group by network, asset order by asset, network`.execute(tx);
  return rows;
}
