/** Reading invoices, locked and unlocked. Writing them is save-invoices.ts, so that no path forgets the outbox. */
import { type Selectable, sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Invoice, Method, Page, Source } from '../domain/invoice.ts';
import { GRACE } from '../domain/match.ts';
import { type Decimal, PRICE_SCALE, parseDecimal, rescale } from '../domain/money.ts';
import { rateFrom } from './coin-rate.ts';
import type { Db, Tx } from './db.ts';
import { percentFrom } from './ledger.ts';
import type { Schema } from './schema.ts';

type Row = Selectable<Schema['invoices']>;

/** One invoice of one merchant; another merchant's is the same as none. */
export async function findInvoice(db: Db, merchantId: number, id: number): Promise<Invoice | null> {
  const row = await db
    .selectFrom('invoices')
    .selectAll()
    .where('id', '=', id)
    .where('merchant_id', '=', merchantId)
    .executeTakeFirst();
  return row ? toInvoice(row) : null;
}

/** Any merchant's invoice: for the stages and the command line. */
export async function invoiceById(db: Db, id: number): Promise<Invoice | null> {
  const row = await db.selectFrom('invoices').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toInvoice(row) : null;
}

/** Locks invoices for the transaction, lowest id first so that two stages never wait for each other in a ring. */
export async function lockInvoices(tx: Tx, ids: readonly number[]): Promise<Map<number, Invoice>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom('invoices')
    .selectAll()
    .where('id', '=', sql<number>`any(${[...new Set(ids)]}::bigint[])`)
    .orderBy('id')
    .forUpdate()
    .execute();
  return new Map(rows.map(row => [row.id, toInvoice(row)]));
}

/**
 * Locks open invoices whose deadline and grace have passed by the clock and, as far as it was read, by the chain of every
 * network they hold an amount on, and where no transfer waits to be judged in a place of theirs: a payment that is already in the
 * table always goes first, and of what amount it may be says the shop. The current network is compared in the row itself, which PostgreSQL reads anew when the
 * payer has changed it meanwhile. A network taken out of use is not waited for: where that was not read past the deadline,
 * `isBlind` says so.
 */
export async function lockOverdue(
  tx: Tx,
  now: number,
  limit: number,
): Promise<{ invoice: Invoice; isBlind: boolean }[]> {
  const { rows } = await sql<Row & { is_blind: boolean }>`
    select i.*, (i.network is not null and (c.block_time > i.expire_at + ${`${GRACE} milliseconds`}::interval) is not true)
        or exists (
          select from replaced_methods m left join cursors o on o.network = m.network
           where m.invoice_id = i.id
             and (o.block_time > i.expire_at + ${`${GRACE} milliseconds`}::interval) is not true) as is_blind
      from invoices i
      left join cursors c on c.network = i.network
     where i.status in ('awaiting_method', 'new') and i.expire_at < ${new Date(now - GRACE)}
       and (i.network is null or c.retired_at is not null
         or c.block_time > i.expire_at + ${`${GRACE} milliseconds`}::interval)
       and not exists (
         select from replaced_methods m left join cursors o on o.network = m.network
          where m.invoice_id = i.id and o.retired_at is null
            and (o.block_time > i.expire_at + ${`${GRACE} milliseconds`}::interval) is not true)
       and not exists (
         select from reservations r join transfers t
             on t.network = r.network and t.to_key = r.address_key and t.asset = r.asset
          where r.invoice_id = i.id and t.state = 'pending' and t.height is not null)
     order by i.expire_at limit ${limit} for update of i skip locked`.execute(tx);
  return rows.map(row => ({ invoice: toInvoice(row), isBlind: row.is_blind }));
}

/** The invoice of a payment page, locked until the transaction ends; null when there is none. */
export async function lockPage(tx: Tx, pageId: string): Promise<Invoice | null> {
  const row = await tx
    .selectFrom('invoices')
    .selectAll()
    .where('page_id', '=', pageId)
    .forUpdate()
    .executeTakeFirst();
  return row ? toInvoice(row) : null;
}

/** Whose invoice it is; null when there is none. */
export async function merchantOfInvoice(db: Db, id: number): Promise<number | null> {
  const row = await db.selectFrom('invoices').select('merchant_id').where('id', '=', id).executeTakeFirst();
  return row?.merchant_id ?? null;
}

/**
 * Whether money for the (locked) invoice is there: a transfer that nobody has judged yet, of whatever amount, where it holds one, or a
 * part that counts.
 */
export async function hasMoney(tx: Tx, { id }: Invoice): Promise<boolean> {
  const { rows } = await sql`
    select t.id from reservations r join transfers t
        on t.network = r.network and t.to_key = r.address_key and t.asset = r.asset
     where r.invoice_id = ${id} and t.state = 'pending' and t.height is not null
    union all
    select p.transfer_id from payments p
     where p.invoice_id = ${id} and p.state = 'pending' and p.kind in ('part', 'late_part') limit 1`.execute(
    tx,
  );
  return rows.length > 0;
}

/** When the next open invoice with an amount on a network wants a block later than its deadline, in ms; null when none does. */
export async function nextDeadline(db: Db, network: NetworkCode): Promise<number | null> {
  const { rows } = await sql<{ expire_at: number }>`
    select i.expire_at from invoices i
     where i.status in ('awaiting_method', 'new')
       and exists (select from reservations r where r.invoice_id = i.id and r.network = ${network})
     order by i.expire_at limit 1`.execute(db);
  const [next] = rows;
  return next ? next.expire_at + GRACE : null;
}

export function toInvoice(row: Row): Invoice {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    clientReferenceId: row.client_reference_id,
    metadata: row.metadata,
    compat: row.compat,
    requested: price(row.requested_amount),
    commissionPercent: percentFrom(row.commission_percent),
    topUpUserId: row.top_up_user_id,
    source: toSource(row),
    page: toPage(row),
    method: toMethod(row),
    status: row.status,
    seen:
      row.transaction_id !== null && row.paid_at !== null
        ? { transactionId: row.transaction_id, payerWallet: row.payer_wallet, paidAt: row.paid_at }
        : null,
    exception: row.exception,
    createdAt: row.created_at,
    expireAt: row.expire_at,
    endedAt: row.ended_at,
    version: row.version,
  };
}

function toSource({ source_currency: currency, source_amount, rate, rate_origin }: Row): Source | null {
  if (currency === null || source_amount === null || rate === null || rate_origin === null) return null;
  const exact = parseDecimal(rate);
  if (!exact) throw new Error('a rate of the database is not a decimal');
  return { currency, amount: price(source_amount), rate: exact, rateOrigin: rate_origin };
}

function toPage(row: Row): Page | null {
  const { page_id: id, widget_description: description, lang } = row;
  return id === null ? null : { id, description, backUrl: row.back_url, cancelUrl: row.cancel_url, lang };
}

/** The columns are all set or all null; a constraint says so. */
function toMethod(row: Row): Method | null {
  const { network, asset, wallet_id, address, address_key, final_units, final_decimals, method_at } = row;
  if (network === null || asset === null || wallet_id === null || address === null) return null;
  if (address_key === null || final_units === null || final_decimals === null || method_at === null)
    return null;
  return {
    network,
    asset,
    walletId: wallet_id,
    address,
    addressKey: address_key,
    final: { units: BigInt(final_units), scale: final_decimals },
    rate: rateFrom(row),
    since: method_at,
  };
}

/** A price as the database writes it, with all of its decimals. */
export function price(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (!decimal) throw new Error('a price of the database is not a decimal');
  return rescale(decimal, PRICE_SCALE);
}
