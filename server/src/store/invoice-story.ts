/** What the tables know of one invoice: what was sent to it, what its shop was told, who did what to it. */
import { type Selectable, sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { PaymentKind } from '../domain/exception.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db } from './db.ts';
import { areGenuine } from './genuine-wallets.ts';
import { toInvoice } from './invoices.ts';
import type { Schema } from './schema.ts';

/** Every list here is of one invoice, and bounded all the same: anybody may send dust to an address. */
const MOST = 200;

/** The invoice of an account, with its merchant; null for another account's, as for none. */
export async function findOwnInvoice(
  db: Db,
  userId: number,
  id: number,
): Promise<{ invoice: Invoice; merchantName: string; verifiedOnly: boolean } | null> {
  const row = await db
    .selectFrom('invoices as i')
    .innerJoin('merchants as m', 'm.id', 'i.merchant_id')
    .selectAll('i')
    .select(['m.name', 'm.verified_only'])
    .where('i.id', '=', id)
    .where('m.user_id', '=', userId)
    .executeTakeFirst();
  return row ? { invoice: toInvoice(row), merchantName: row.name, verifiedOnly: row.verified_only } : null;
}

/** A transfer that was judged against the invoice, and the payment it was or is. Times in ms. */
export type InvoiceTransfer = {
  id: number;
  network: NetworkCode;
  tx_id: string;
  asset: AssetCode;
  from_key: string;
  to_key: string;
  units: string;
  height: number | null;
  block_time: number | null;
  state: Selectable<Schema['transfers']>['state'];
  reason: string | null;
  detected_at: number;
  payment_state: Selectable<Schema['payments']>['state'] | null;
  payment_kind: PaymentKind | null;
  counted_at: number | null;
  agreed_at: number | null;
  settled_at: number | null;
};

/** Oldest first, those that were released from it too. */
export async function transfersOfInvoice(db: Db, invoiceId: number): Promise<InvoiceTransfer[]> {
  const { rows } = await sql<InvoiceTransfer>`
    select t.id, t.network, t.tx_id, t.asset, t.from_key, t.to_key, t.units, t.height, t.block_time, t.state, t.reason,
           t.detected_at, p.state as payment_state, p.kind as payment_kind, p.created_at as counted_at, p.agreed_at, p.settled_at
      from transfers t left join payments p on p.transfer_id = t.id and p.invoice_id = ${invoiceId}
     where t.id in (select id from transfers where invoice_id = ${invoiceId}
                     union select transfer_id from payments where invoice_id = ${invoiceId})
     order by t.id limit ${MOST}`.execute(db);
  return rows;
}

/** Methods the payer has left, with when; oldest first. */
export async function leftMethodsOf(db: Db, invoiceId: number) {
  return db
    .selectFrom('replaced_methods')
    .selectAll()
    .where('invoice_id', '=', invoiceId)
    .orderBy('replaced_at')
    .limit(MOST)
    .execute();
}

/** What its shop was told, oldest first. */
export async function eventsOfInvoice(db: Db, invoiceId: number) {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('invoice_id', '=', invoiceId)
    .orderBy('id')
    .limit(MOST)
    .execute();
}

/** What the audit log calls an invoice. */
export const invoiceTarget = (invoiceId: number): string => `invoice ${invoiceId}`;

/** Acts of people, oldest first. */
export async function actsOn(db: Db, userId: number, invoiceId: number) {
  return (
    db
      .selectFrom('audit_log as a')
      .leftJoin('people as p', 'p.id', 'a.person_id')
      .select(['a.at', 'a.action', 'a.after', 'p.name'])
      .where('a.target', '=', invoiceTarget(invoiceId))
      // Said once more, so that the index of such targets is used.
      .where('a.target', 'like', 'invoice %')
      .where('a.user_id', '=', userId)
      .orderBy('a.id')
      .limit(MOST)
      .execute()
  );
}

/** The payment link it was made through; null when through none. */
export async function linkOfInvoice(db: Db, invoiceId: number): Promise<string | null> {
  const row = await db
    .selectFrom('payment_link_uses')
    .select('link_id')
    .where('invoice_id', '=', invoiceId)
    .executeTakeFirst();
  return row?.link_id ?? null;
}

/**
 * Everything that is stored of it, as it is stored, by table. No table named here holds a secret; but an address that nobody
 * registered is told to nobody, and stands there as null.
 */
export async function rawInvoice(db: Db, vault: Vault, id: number): Promise<Record<string, Row[]>> {
  const raw: Record<string, Row[]> = {};
  const own = {
    invoices: 'id',
    replaced_methods: 'invoice_id',
    remainders: 'invoice_id',
    reservations: 'invoice_id',
  };
  const told = {
    payments: 'invoice_id',
    outbox: 'invoice_id',
    deliveries: 'invoice_id',
    resends: 'invoice_id',
  };
  for (const [table, column] of Object.entries({ ...own, transfers: 'invoice_id', ...told })) {
    const { rows } = await sql<Row>`
      select * from ${sql.table(table)} where ${sql.ref(column)} = ${id} limit ${MOST}`.execute(db);
    raw[table] = rows;
  }
  const genuine = await genuineKeys(db, vault, raw);
  for (const table of Object.keys(own)) raw[table] = raw[table]?.map(row => withheld(row, genuine)) ?? [];
  return raw;
}

type Row = Record<string, unknown>;

/** The addresses that the invoice may ask at: those that its wallets vouch for. */
async function genuineKeys(db: Db, vault: Vault, raw: Record<string, Row[]>): Promise<Set<unknown>> {
  const asked = [...(raw.invoices ?? []), ...(raw.replaced_methods ?? [])].filter(
    ({ address }) => typeof address === 'string',
  );
  const vouched = asked.map(row => ({
    merchantId: Number(raw.invoices?.[0]?.merchant_id),
    walletId: Number(row.wallet_id),
    network: row.network as NetworkCode,
    asset: row.asset as AssetCode,
    address: String(row.address),
    addressKey: String(row.address_key),
  }));
  const genuine = await areGenuine(db, vault, vouched);
  return new Set(vouched.filter((_, index) => genuine[index]).map(({ addressKey }) => addressKey));
}

const withheld = (row: Row, genuine: ReadonlySet<unknown>): Row =>
  genuine.has(row.address_key)
    ? row
    : {
        ...row,
        ...('address' in row && { address: null }),
        ...('address_key' in row && { address_key: null }),
      };
