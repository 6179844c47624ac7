/** The invoices of an account: a list narrowed by its URL, in pages. */
import type { FastifyInstance } from 'fastify';
import type { Exception } from '../../domain/exception.ts';
import { finalAmount, type Invoice, type Status } from '../../domain/invoice.ts';
import { formatAmount, formatDecimal } from '../../domain/money.ts';
import { listInvoices } from '../../store/list-invoices.ts';
import { ownMerchants } from '../../store/own-merchants.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { invoiceQueryOf } from './invoice-query.ts';
import { authorize } from './visit.ts';

const PAGE = 50;

/** Amounts as exact text; `requested` in US dollars. Times in ms. */
export type ListedInvoice = {
  id: number;
  merchant_id: number;
  client_reference_id: string;
  status: Status;
  exception: Exception | null;
  requested: string;
  final: string;
  coin: string | null;
  network: string | null;
  source_amount: string | null;
  source_currency: string | null;
  created_at: number;
  paid_at: number | null;
  expire_at: number;
};

/** `cursor` asks for the next page, null when there is none; a page may be short, even empty, and have a next one. */
export type InvoicesAnswer = {
  invoices: ListedInvoice[];
  cursor: number | null;
  /** All of the account, to narrow the list by. */
  merchants: { id: number; name: string }[];
};

export function invoiceRoutes(app: FastifyInstance, { db }: DashboardDeps): void {
  app.get('/users/:userId/invoices', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'invoices.read', userId);
    const merchants = await ownMerchants(db, userId);
    const page = await listInvoices(db, { ...invoiceQueryOf(request, merchants), limit: PAGE });
    const answer: InvoicesAnswer = {
      invoices: page.invoices.map(listedInvoice),
      cursor: page.next,
      merchants,
    };
    return reply.send(answer);
  });
}

export function listedInvoice(invoice: Invoice): ListedInvoice {
  const { method, source, seen } = invoice;
  return {
    id: invoice.id,
    merchant_id: invoice.merchantId,
    client_reference_id: invoice.clientReferenceId,
    status: invoice.status,
    exception: invoice.exception,
    requested: formatDecimal(invoice.requested),
    final: formatAmount(finalAmount(invoice)),
    coin: method?.asset ?? null,
    network: method?.network ?? null,
    source_amount: source && formatDecimal(source.amount),
    source_currency: source?.currency ?? null,
    created_at: invoice.createdAt,
    paid_at: seen?.paidAt ?? null,
    expire_at: invoice.expireAt,
  };
}
