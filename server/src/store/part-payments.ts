/** Payments that are parts of an invoice's amount. Whoever changes them has locked the invoice first. */
import { sql } from 'kysely';
import type { LargeAmount } from '../domain/agreement.ts';
import type { AssetCode } from '../domain/asset.ts';
import type { PaymentKind } from '../domain/exception.ts';
import type { Invoice } from '../domain/invoice.ts';
import { GRACE } from '../domain/match.ts';
import { type Asking, type Part, partKinds, restDue, sumOf } from '../domain/parts.ts';
import { isLarge } from './agreements.ts';
import type { Db, Tx } from './db.ts';
import type { OpenPayment } from './payments.ts';
import { restsOf } from './remainders.ts';

/** A pending part with its transfer, and where that went. */
export type PartPayment = Omit<OpenPayment, 'units' | 'final_height'> &
  Part & { to_key: string; asset: AssetCode };

/**
 * The pending parts of each of these invoices, in the order of the chain; those on no block come last. `large`: see
 * lockDecidable.
 */
export async function partsOf(
  db: Db | Tx,
  invoiceIds: readonly number[],
  large: readonly LargeAmount[] = [],
): Promise<Map<number, PartPayment[]>> {
  if (invoiceIds.length === 0) return new Map();
  return grouped(await select(db, invoiceIds, { large, locks: false }));
}

/** What has come for an invoice in parts, and what is still due. */
export type Received = {
  /** What has come, in base units. */
  sum: bigint;
  /** The amount that is asked for the rest; null: none, a person has to look. */
  rest: bigint | null;
  parts: { units: bigint; transactionId: string }[];
};

/** Of an invoice that waits for its rest; null for any other. */
export async function receivedInParts(
  db: Db,
  { id, exception, method }: Pick<Invoice, 'id' | 'exception'> & { method: Asking | null },
): Promise<Received | null> {
  if (exception !== 'underpaid' || !method) return null;
  const parts = (await partsOf(db, [id])).get(id) ?? [];
  if (parts.length === 0) return null;
  const rests = (await restsOf(db, [id])).get(id) ?? [];
  const sum = sumOf(parts);
  return {
    sum,
    rest: restDue(sum, method, rests)?.units ?? null,
    parts: parts.map(({ units, tx_id: transactionId }) => ({ units, transactionId })),
  };
}

/** The same, with their transfers locked. */
export async function lockParts(
  tx: Tx,
  invoiceIds: readonly number[],
  large: readonly LargeAmount[],
): Promise<Map<number, PartPayment[]>> {
  if (invoiceIds.length === 0) return new Map();
  return grouped(await select(tx, invoiceIds, { large, locks: true }));
}

type Row = Omit<PartPayment, 'units' | 'inclusion' | 'final'> & { units: string; final_height: number };

async function select(
  db: Db | Tx,
  invoiceIds: readonly number[],
  { large, locks }: { large: readonly LargeAmount[]; locks: boolean },
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select p.id, p.transfer_id, p.invoice_id, p.kind, t.height, t.block_time, t.network, t.asset, t.tx_id, t.from_key, t.to_key,
           t.units, t.detected_at, case when t.epoch < c.epoch then t.height else c.final_height end as final_height,
           (p.agreed_at is not null or not ${isLarge(large)}) as "isAgreed",
           coalesce(r.asked_at, i.method_at) as since
      from payments p
      join transfers t on t.id = p.transfer_id
      join invoices i on i.id = p.invoice_id
      join cursors c on c.network = t.network
      left join remainders r on ${isRest}
     where p.invoice_id = any(${[...new Set(invoiceIds)]}::bigint[]) and p.state = 'pending'
       and p.kind = any(${[...partKinds]}::text[])
     order by p.invoice_id, t.height, t.id ${locks ? sql`for update of p, t` : sql``}`.execute(db);
  return rows;
}

/**
 * Whether a transfer is of the amount that its invoice has asked for the rest. One seen before that was asked is a part that
 * happens to be as much.
 */
const isRest = sql<boolean>`r.invoice_id = i.id and r.network = t.network and r.asset = t.asset
  and r.address_key = t.to_key and r.units = t.units and r.asked_at <= t.detected_at`;

function grouped(rows: readonly Row[]): Map<number, PartPayment[]> {
  const parts = new Map<number, PartPayment[]>();
  for (const { units, final_height: final, ...row } of rows) {
    const { invoice_id: id, height, block_time: time } = row;
    const inclusion = height === null || time === null ? null : { height, time };
    parts.set(id, [...(parts.get(id) ?? []), { ...row, units: BigInt(units), final, inclusion }]);
  }
  return parts;
}

/**
 * Invoices on whose parts something may be to be decided: one of them has left the chain or its time, the invoice was paid
 * otherwise, or they cover it and all are final. `after`: only those of a higher id.
 */
export async function invoicesToWeigh(
  db: Db | Tx,
  { after, limit }: { after: number; limit: number },
): Promise<number[]> {
  const grace = sql`${`${GRACE} milliseconds`}::interval`;
  const { rows } = await sql<{ id: number }>`
    select i.id
      from payments p
      join transfers t on t.id = p.transfer_id
      join invoices i on i.id = p.invoice_id
      join cursors c on c.network = t.network
      left join remainders r on ${isRest}
     where p.state = 'pending' and p.kind in ('part', 'late_part') and i.id > ${after}
     group by i.id
    having bool_or(t.height is null) or i.status in ('completed', 'paid_manually')
        or bool_or(t.block_time < coalesce(r.asked_at, i.method_at) - ${grace})
        or bool_or(p.kind = 'part' and t.block_time > i.expire_at + ${grace})
        or bool_or(p.kind = 'part' and i.status = 'cancelled' and t.block_time > i.ended_at)
        or (sum(t.units) >= i.final_units and bool_and(t.epoch < c.epoch or t.height <= c.final_height))
     order by i.id limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** The parts that have settled each of these invoices. */
export async function settledParts(
  tx: Tx,
  invoiceIds: readonly number[],
): Promise<Map<number, Pick<Part, 'units' | 'kind'>[]>> {
  const { rows } = await sql<{ invoice_id: number; units: string; kind: Part['kind'] }>`
    select p.invoice_id, t.units, p.kind from payments p join transfers t on t.id = p.transfer_id
     where p.invoice_id = any(${invoiceIds}::bigint[]) and p.state = 'settled' and p.kind in ('part', 'late_part')`.execute(
    tx,
  );
  const parts = new Map<number, Pick<Part, 'units' | 'kind'>[]>();
  for (const { invoice_id: id, units, kind } of rows)
    parts.set(id, [...(parts.get(id) ?? []), { units: BigInt(units), kind }]);
  return parts;
}

/** The invoice of which a transfer is a part that waits; null: of none. */
export async function partOf(db: Db, transferId: number): Promise<number | null> {
  const row = await db
    .selectFrom('payments')
    .select('invoice_id')
    .where('transfer_id', '=', transferId)
    .where('state', '=', 'pending')
    .where('kind', 'in', partKinds)
    .executeTakeFirst();
  return row?.invoice_id ?? null;
}

/** What a transfer counted for before, in which way. */
export type Earlier = { invoiceId: number; kind: PaymentKind };

/** Which of these transfers of amounts that nobody held counted once, and for what: they do so again when they can. */
export async function earlierCounts(tx: Tx, transferIds: readonly number[]): Promise<Map<number, Earlier>> {
  const { rows } = await sql<{ transfer_id: number; invoice_id: number; kind: PaymentKind }>`
    select transfer_id, invoice_id, kind from payments
     where transfer_id = any(${transferIds}::bigint[]) and state = 'released'
       and kind in ('part', 'late_part', 'under', 'over')`.execute(tx);
  return new Map(rows.map(row => [row.transfer_id, { invoiceId: row.invoice_id, kind: row.kind }]));
}
