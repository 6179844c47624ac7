/** The invoices among which the one may be that a transfer was meant for; domain/candidates.ts judges them. */
import { type Selectable, sql } from 'kysely';
import { type Considered, LOOK_BACK, nearRange, type StrayTransfer } from '../domain/candidates.ts';
import { GRACE } from '../domain/match.ts';
import { formatDecimal } from '../domain/money.ts';
import type { Db } from './db.ts';
import { toInvoice } from './invoices.ts';
import { replacedMethods } from './replaced-methods.ts';
import type { Schema } from './schema.ts';

/** Longer than any invoice is open, in ms. */
const LONGEST_OPEN = 24 * 3_600_000;
/** Invoices of a merchant that are looked through, the newest before the transfer first. */
const LOOKED_THROUGH = 20_000;
/** Of those, as many are judged: the nearest amounts. */
const JUDGED = 200;
/** What a payer has paid before, of each merchant. */
const REMEMBERED = 100;

type Asked = StrayTransfer & {
  userId: number;
  /** The invoice that holds, or held, the very amount. */
  invoiceId: number | null;
  /** As people write it: invoices keep it so. */
  payer: string;
};

/** Invoices of the merchants of an account that have registered the wallet; bounded however many there are. */
export async function candidateInvoices(db: Db, asked: Asked): Promise<Considered[]> {
  const merchantIds = await merchantsAt(db, asked);
  const rows = await nearInvoices(db, asked, merchantIds);
  const invoices = rows.map(toInvoice);
  const replaced = await replacedMethods(
    db,
    invoices.map(({ id }) => id),
  );
  const remembered = await metadataPaidBy(db, asked.payer, merchantIds);
  return invoices.map(invoice => ({
    invoice,
    replaced: replaced.get(invoice.id) ?? [],
    samePayer: invoice.metadata !== null && remembered.has(`${invoice.merchantId} ${invoice.metadata}`),
  }));
}

async function merchantsAt(db: Db, { userId, network, to }: Asked): Promise<number[]> {
  const rows = await db
    .selectFrom('wallets as w')
    .innerJoin('merchants as m', 'm.id', 'w.merchant_id')
    .select('m.id')
    .distinct()
    .where('m.user_id', '=', userId)
    .where('w.network', '=', network)
    .where('w.address_key', '=', to)
    .execute();
  return rows.map(({ id }) => id);
}

async function nearInvoices(
  db: Db,
  { amount, time, invoiceId }: Asked,
  merchantIds: readonly number[],
): Promise<Selectable<Schema['invoices']>[]> {
  const range = nearRange(amount);
  const [from, to, exact] = [range.from, range.to, amount].map(formatDecimal);
  const final = sql`i.final_units / power(10::numeric, i.final_decimals)`;
  const { rows } = await sql<Selectable<Schema['invoices']>>`
    select * from invoices where merchant_id = any(${[...merchantIds]}::bigint[]) and id in (
      select ${invoiceId}::bigint
      union all
      (select i.id from unnest(${[...merchantIds]}::bigint[]) as m (id) cross join lateral (
          select id, requested_amount * coalesce(coin_rate, 1) as requested_amount, final_units, final_decimals
            from invoices
           where merchant_id = m.id and created_at >= ${new Date(time - LOOK_BACK - LONGEST_OPEN)}
             and created_at <= ${new Date(time + GRACE)}
           order by created_at desc limit ${LOOKED_THROUGH}) i
        where i.requested_amount between ${from}::numeric and ${to}::numeric
           or ${final} between ${from}::numeric and ${to}::numeric
        order by abs(coalesce(${final}, i.requested_amount) - ${exact}::numeric), i.id desc limit ${JUDGED}))`.execute(
    db,
  );
  return rows;
}

/** The metadata of what this wallet has paid last, each with its merchant. */
async function metadataPaidBy(db: Db, payer: string, merchantIds: readonly number[]): Promise<Set<string>> {
  const { rows } = await sql<{ merchant_id: number; metadata: string }>`
    select m.id as merchant_id, i.metadata
      from unnest(${[...merchantIds]}::bigint[]) as m (id) cross join lateral (
        select metadata from invoices
         where merchant_id = m.id and payer_wallet = ${payer} and status in ('completed', 'paid_manually')
         order by -id limit ${REMEMBERED}) i
     where i.metadata is not null`.execute(db);
  return new Set(rows.map(({ merchant_id, metadata }) => `${merchant_id} ${metadata}`));
}
