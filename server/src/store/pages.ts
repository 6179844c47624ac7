/**
 * What the payment page of an invoice is made from. The page's name is all a payer shows, so that nothing is read here
 * that the payer may not know: no reference, no metadata, no key and no address of the shop's server.
 */
import { sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Exception } from '../domain/exception.ts';
import type { Method, Page, Source, Status } from '../domain/invoice.ts';
import type { Decimal } from '../domain/money.ts';
import type { Progress } from '../domain/network-lag.ts';
import type { PageLanguage } from '../domain/page-language.ts';
import type { Asking } from '../domain/parts.ts';
import type { Vault } from '../lib/vault.ts';
import { rateFrom } from './coin-rate.ts';
import type { Db } from './db.ts';
import { price } from './invoices.ts';
import { type StrayRow, strayOf } from './page-strays.ts';
import { type Received, receivedInParts } from './part-payments.ts';
import type { Resolution } from './policy-schema.ts';
import { isUnread } from './unread-networks.ts';
import { isGenuine } from './wallets.ts';

/** A coin on a network that the merchant has an active wallet for; `progress` null where it was never read. */
export type Offer = { network: NetworkCode; asset: AssetCode; progress: Progress | null };

/** What a person has said of a transfer, and the transaction that gave it back, as it was written. */
type Resolved = { resolution: Resolution | null; refundId: string | null };

/** Times in ms. */
export type PageFacts = {
  /** Who and which, for the commands; the page shows neither. */
  merchantId: number;
  invoiceId: number;
  page: Page;
  merchant: {
    name: string;
    url: string;
    /** The origins of pages that may show this one in a frame. */
    origins: string[];
    /** Where a payer is sent without a click; null: to the host of `url`. */
    returnHosts: string[] | null;
    language: PageLanguage | null;
    logo: { hash: string; width: number; height: number } | null;
  };
  status: Status;
  requested: Decimal;
  source: Pick<Source, 'currency' | 'amount'> | null;
  /** What it may be paid by; null too where the address is not the one that was registered, which nobody may see. */
  method:
    | (Pick<Method, 'network' | 'asset' | 'address' | 'final' | 'rate'> & { qr: 'address' | 'uri' })
    | null;
  /** The address was changed in the database: nobody is to pay to it. */
  isForged: boolean;
  /** What the invoice says it is, or is being, paid by. */
  transactionId: string | null;
  /** The transfer that counts, or is about to; `height` null while it is on no block. */
  payment: ({ transactionId: string; height: number | null; isFinal: boolean } & Resolved) | null;
  /** A transfer that counts for nothing: too late, and the shop may accept none then; or, where it is paid, a further one. */
  stray: ({ transactionId: string; isRejected: boolean } & Resolved) | null;
  /** What has come in parts that do not cover the amount; null: nothing. */
  received: Received | null;
  /** What is unusual about the invoice. */
  exception: Exception | null;
  /** How far the invoice's network was read; null without a network, or when it was never read. */
  progress: (Progress & { height: number }) | null;
  /** The operator has taken the invoice's network out of use. */
  isRetired: boolean;
  /** It expired while a network was out of use that has not been read to the end of its time since. */
  isUnread: boolean;
  /** What the payer may choose from; empty once there is nothing to choose or to change. */
  offers: Offer[];
  createdAt: number;
  expireAt: number;
};

/** The facts of a page at `now` (ms); null when no page has this name, which must have the form of a UUID. */
export async function findPage(
  db: Db,
  vault: Vault,
  { pageId, now }: { pageId: string; now: number },
): Promise<PageFacts | null> {
  const { rows } = await sql<Row>`
    select i.id, i.merchant_id, i.page_id, i.widget_description, i.back_url, i.cancel_url, i.lang, i.status,
           i.compat, i.requested_amount, i.source_currency, i.source_amount, i.network, i.asset, i.address, i.address_key, i.final_units,
           i.final_decimals, i.coin_rate, i.coin_rate_origin, i.transaction_id, i.created_at, i.expire_at, m.name, m.url,
           m.page_origins, m.return_hosts, m.language, w.qr, w.mac, g.hash as logo_hash, g.width as logo_width, g.height as logo_height,
           p.tx_id as paid_by, p.height as paid_at_height, p.is_final, p.resolution, p.refund_tx_id, s.*, i.exception,
           i.exception = 'expired_blind' and ${isUnread} as is_unread, c.retired_at, c.height as scanned_height, c.block_time as scanned_at, c.caught_up_at
      from invoices i
      join merchants m on m.id = i.merchant_id
      left join merchant_logos g on g.merchant_id = m.id
      left join wallets w on w.id = i.wallet_id
      left join cursors c on c.network = i.network
      left join lateral (
        select t.tx_id, t.resolution, t.refund_tx_id, t.height, t.height is not null and (t.epoch < c.epoch or t.height <= c.final_height) as is_final
          from payments y join transfers t on t.id = y.transfer_id
         where y.invoice_id = i.id and y.state in ('pending', 'settled')
           and (y.kind not in ('part', 'late_part') or i.exception is distinct from 'underpaid')
         order by y.state desc, t.height desc nulls first, y.id desc limit 1) p on true
      left join lateral ${strayOf} s on true
     where i.page_id = ${pageId}::uuid`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const isOpen = row.status === 'awaiting_method' || (row.status === 'new' && !row.compat);
  const offers = isOpen ? await offersOf(db, vault, row.merchant_id, now) : [];
  return {
    ...toFacts(row, offers, isForged(vault, row)),
    received: await receivedInParts(db, { ...row, method: askedBy(row) }),
  };
}

function askedBy(row: Row): Asking | null {
  const method = toMethod(row);
  return method && row.address_key !== null ? { ...method, addressKey: row.address_key } : null;
}

type Row = StrayRow & {
  id: number;
  merchant_id: number;
  page_id: string;
  widget_description: string | null;
  back_url: string | null;
  cancel_url: string | null;
  lang: string | null;
  status: Status;
  compat: boolean;
  requested_amount: string;
  source_currency: string | null;
  source_amount: string | null;
  network: NetworkCode | null;
  asset: AssetCode | null;
  address: string | null;
  address_key: string | null;
  final_units: string | null;
  final_decimals: number | null;
  coin_rate: string | null;
  coin_rate_origin: string | null;
  transaction_id: string | null;
  created_at: number;
  expire_at: number;
  name: string;
  url: string;
  page_origins: string[];
  return_hosts: string[] | null;
  language: PageLanguage | null;
  qr: 'address' | 'uri' | null;
  mac: Buffer | null;
  logo_hash: string | null;
  logo_width: number | null;
  logo_height: number | null;
  paid_by: string | null;
  paid_at_height: number | null;
  is_final: boolean | null;
  resolution: Resolution | null;
  refund_tx_id: string | null;
  exception: Exception | null;
  is_unread: boolean | null;
  retired_at: number | null;
  scanned_height: number | null;
  scanned_at: number | null;
  caught_up_at: number | null;
};

async function offersOf(db: Db, vault: Vault, merchantId: number, now: number): Promise<Offer[]> {
  const rows = await db
    .selectFrom('wallets as w')
    .leftJoin('cursors as c', 'c.network', 'w.network')
    .select(['w.merchant_id', 'w.network', 'w.asset', 'w.address', 'w.address_key', 'w.mac'])
    .select(['c.block_time', 'c.caught_up_at'])
    .orderBy('w.id')
    .where('w.merchant_id', '=', merchantId)
    .where('w.active', '=', true)
    .where(eb =>
      eb.or([eb('w.active_from', 'is', null), eb('w.active_from', '<=', sql<number>`${new Date(now)}`)]),
    )
    .where('c.retired_at', 'is', null)
    .execute();
  const offers = rows
    .filter(row => isGenuine(vault, row))
    .map(({ network, asset, block_time: scannedAt, caught_up_at: caughtUpAt }) => ({
      network,
      asset,
      progress: scannedAt === null || caughtUpAt === null ? null : { scannedAt, caughtUpAt },
    }));
  return [...new Map(offers.map(offer => [`${offer.network} ${offer.asset}`, offer])).values()];
}

function isForged(vault: Vault, row: Row): boolean {
  const { merchant_id, network, asset, address, address_key, mac } = row;
  if (network === null || asset === null || address === null || address_key === null) return false;
  return mac === null || !isGenuine(vault, { merchant_id, network, asset, address, address_key, mac });
}

function toFacts(row: Row, offers: Offer[], forged: boolean): Omit<PageFacts, 'received'> {
  const { scanned_height: height, scanned_at: scannedAt, caught_up_at: caughtUpAt } = row;
  return {
    merchantId: row.merchant_id,
    invoiceId: row.id,
    page: {
      id: row.page_id,
      description: row.widget_description,
      backUrl: row.back_url,
      cancelUrl: row.cancel_url,
      lang: row.lang,
    },
    merchant: toMerchant(row),
    status: row.status,
    requested: price(row.requested_amount),
    source: toSource(row),
    method: forged ? null : toMethod(row),
    isForged: forged,
    transactionId: row.transaction_id,
    payment: toPayment(row),
    stray: toStray(row),
    exception: row.exception,
    progress:
      height === null || scannedAt === null || caughtUpAt === null ? null : { height, scannedAt, caughtUpAt },
    isRetired: row.retired_at !== null,
    isUnread: row.is_unread ?? false,
    offers,
    createdAt: row.created_at,
    expireAt: row.expire_at,
  };
}

function toPayment(row: Row): PageFacts['payment'] {
  const {
    paid_by: transactionId,
    paid_at_height: height,
    is_final,
    resolution,
    refund_tx_id: refundId,
  } = row;
  return transactionId === null
    ? null
    : { transactionId, height, isFinal: is_final ?? false, resolution, refundId };
}

function toStray(row: Row): PageFacts['stray'] {
  const { stray_tx: transactionId, stray_resolution: resolution, stray_refund: refundId } = row;
  return transactionId === null
    ? null
    : { transactionId, isRejected: row.stray_reason === 'late_rejected', resolution, refundId };
}

function toMerchant({ name, url, language, ...row }: Row): PageFacts['merchant'] {
  const { page_origins: origins, return_hosts: returnHosts } = row;
  const { logo_hash: hash, logo_width: width, logo_height: height } = row;
  const logo = hash === null || width === null || height === null ? null : { hash, width, height };
  return { name, url, origins, returnHosts, language, logo };
}

function toSource({ source_currency: currency, source_amount: amount }: Row): PageFacts['source'] {
  return currency === null || amount === null ? null : { currency, amount: price(amount) };
}

/** The columns are all set or all null; a constraint says so. */
function toMethod({
  network,
  asset,
  address,
  final_units,
  final_decimals,
  qr,
  ...row
}: Row): PageFacts['method'] {
  if (network === null || asset === null || address === null) return null;
  if (final_units === null || final_decimals === null) return null;
  const final = { units: BigInt(final_units), scale: final_decimals };
  return { network, asset, address, final, rate: rateFrom(row), qr: qr ?? 'address' };
}
