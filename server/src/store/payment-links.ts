/** Payment links and the invoices made through them. */
import { type Selectable, sql } from 'kysely';
import type { Status } from '../domain/invoice.ts';
import { type Decimal, formatDecimal } from '../domain/money.ts';
import type { PageLanguage } from '../domain/page-language.ts';
import type { LinkUses, PaymentLink } from '../domain/payment-link.ts';
import type { Db, Tx } from './db.ts';
import { price } from './invoices.ts';
import type { Schema } from './schema.ts';

export type Link = PaymentLink & {
  /** The unguessable end of its address: 128 random bits in base64url. */
  id: string;
  merchantId: number;
  amount: Decimal;
  currency: string;
  description: string;
  backUrl: string | null;
  cancelUrl: string | null;
  createdAt: number;
};

export type LinkMerchant = {
  id: number;
  name: string;
  compat: boolean;
  paymentMinutes: number;
  /** The origins of pages that may show this one in a frame. */
  origins: string[];
  language: PageLanguage | null;
};

export async function insertLink(tx: Tx, link: Link): Promise<void> {
  await tx
    .insertInto('payment_links')
    .values({
      id: link.id,
      merchant_id: link.merchantId,
      amount: formatDecimal(link.amount),
      currency: link.currency,
      description: link.description,
      back_url: link.backUrl,
      cancel_url: link.cancelUrl,
      max_uses: link.maxUses,
      expires_at: link.expiresAt === null ? null : new Date(link.expiresAt),
      active: link.active,
      created_at: new Date(link.createdAt),
    })
    .execute();
}

/** Closes a link for good. */
export async function closeLink(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('payment_links').set({ active: false }).where('id', '=', id).execute();
}

/** A link and whose it is; null when there is none. */
export async function findLink(db: Db, id: string): Promise<{ link: Link; merchant: LinkMerchant } | null> {
  const row = await db
    .selectFrom('payment_links as l')
    .innerJoin('merchants as m', 'm.id', 'l.merchant_id')
    .selectAll('l')
    .select(['m.name', 'm.compat', 'm.payment_minutes', 'm.page_origins', 'm.language'])
    .where('l.id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const { merchant_id: merchantId, name, compat, language } = row;
  const { payment_minutes: paymentMinutes, page_origins: origins } = row;
  return { link: toLink(row), merchant: { id: merchantId, name, compat, paymentMinutes, origins, language } };
}

/** A link, locked until the transaction ends, so that its uses are counted by one after the other. */
export async function lockLink(tx: Tx, id: string): Promise<Link | null> {
  const row = await tx
    .selectFrom('payment_links')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? toLink(row) : null;
}

/** The newest links first, at most `limit`, with how often each was paid. `merchantId`, `userId` null: of all. */
export async function listLinks(
  db: Db,
  { merchantId, userId = null, limit }: { merchantId: number | null; userId?: number | null; limit: number },
): Promise<(Link & { paid: number })[]> {
  const rows = await db
    .selectFrom('payment_links as l')
    .innerJoin('merchants as m', 'm.id', 'l.merchant_id')
    .selectAll('l')
    .select(eb =>
      eb
        .selectFrom('payment_link_uses as u')
        .innerJoin('invoices as i', 'i.id', 'u.invoice_id')
        .whereRef('u.link_id', '=', 'l.id')
        .where('i.status', 'in', ['completed', 'paid_manually'])
        .select(eb.fn.countAll<number>().as('paid'))
        .as('paid'),
    )
    .$if(merchantId !== null, query => query.where('l.merchant_id', '=', merchantId ?? 0))
    .$if(userId !== null, query => query.where('m.user_id', '=', userId ?? 0))
    .orderBy('l.created_at', 'desc')
    .orderBy('l.id')
    .limit(limit)
    .execute();
  return rows.map(row => ({ ...toLink(row), paid: row.paid ?? 0 }));
}

/** Of an invoice i: it waits for a payment, or is being paid, if late. */
const isUnderWay = sql`(i.status in ('awaiting_method', 'new', 'confirming') or exists (
  select from payments p where p.invoice_id = i.id and p.state = 'pending'))`;

/**
 * Which of these invoices, which have ended, are of a link that others have paid, or may yet pay, as often as it may be paid. The links
 * are locked, so that none of them is paid by meanwhile; of several invoices of one the first counts before the others.
 */
export async function usedUp(tx: Tx, invoiceIds: readonly number[]): Promise<Set<number>> {
  if (invoiceIds.length === 0) return new Set();
  const ids = sql`${[...new Set(invoiceIds)]}::bigint[]`;
  await sql`
    select l.id from payment_links l
     where l.max_uses is not null
       and l.id in (select link_id from payment_link_uses where invoice_id = any(${ids}))
     order by l.id for update`.execute(tx);
  const { rows } = await sql<{ invoice_id: number }>`
    select u.invoice_id from payment_link_uses u join payment_links l on l.id = u.link_id
     where u.invoice_id = any(${ids}) and l.max_uses <= (
       select count(*) from payment_link_uses o join invoices i on i.id = o.invoice_id
        where o.link_id = u.link_id and i.id <> u.invoice_id
          and (i.status in ('completed', 'paid_manually') or ${isUnderWay} or (i.id < u.invoice_id and i.id = any(${ids}))))`.execute(
    tx,
  );
  return new Set(rows.map(row => row.invoice_id));
}

/** Longer than any invoice is open and any wallet holds an amount after it (ms). */
const WINDOW = 31 * 24 * 3600_000;

/** What became of a link's invoices. The paid ones are only counted where it matters how many they are. */
export async function linkUses(db: Db | Tx, { id, maxUses }: Link, now: number): Promise<LinkUses> {
  const { rows } = await sql<{ open: number; holding: number }>`
    select count(*) filter (where ${isUnderWay}) as open,
           count(*) filter (where i.status in ('expired', 'cancelled') and exists (
             select from reservations r where r.invoice_id = i.id and r.held_until > ${new Date(now)})) as holding
      from payment_link_uses u join invoices i on i.id = u.invoice_id
     where u.link_id = ${id} and u.created_at > ${new Date(now - WINDOW)}`.execute(db);
  const { open, holding } = rows[0] ?? { open: 0, holding: 0 };
  return { open, holding, paid: maxUses === null ? 0 : await paidUses(db, id) };
}

async function paidUses(db: Db | Tx, id: string): Promise<number> {
  const { rows } = await sql<{ paid: number }>`
    select count(*) as paid from payment_link_uses u join invoices i on i.id = u.invoice_id
     where u.link_id = ${id} and i.status in ('completed', 'paid_manually')`.execute(db);
  return rows[0]?.paid ?? 0;
}

/** The page of the invoice that a form has made, and how that stands; null when it has made none. */
export async function findUse(
  db: Db | Tx,
  { id, token }: { id: string; token: string },
): Promise<{ pageId: string; status: Status } | null> {
  const row = await db
    .selectFrom('payment_link_uses as u')
    .innerJoin('invoices as i', 'i.id', 'u.invoice_id')
    .select(['i.page_id', 'i.status'])
    .where('u.link_id', '=', id)
    .where('u.token', '=', token)
    .executeTakeFirst();
  return row?.page_id ? { pageId: row.page_id, status: row.status } : null;
}

export async function insertUse(
  tx: Tx,
  use: { id: string; token: string; invoiceId: number },
  now: number,
): Promise<void> {
  await tx
    .insertInto('payment_link_uses')
    .values({ link_id: use.id, token: use.token, invoice_id: use.invoiceId, created_at: new Date(now) })
    .execute();
}

function toLink(row: Selectable<Schema['payment_links']>): Link {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    amount: price(row.amount),
    currency: row.currency,
    description: row.description,
    backUrl: row.back_url,
    cancelUrl: row.cancel_url,
    maxUses: row.max_uses,
    expiresAt: row.expires_at,
    active: row.active,
    createdAt: row.created_at,
  };
}
