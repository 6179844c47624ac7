/** GET /api/v1/invoice/{id}: one invoice of the merchant; another's is not found. */
import type { FastifyInstance } from 'fastify';
import { unixSeconds } from '../../domain/event.ts';
import { finalAmount, type Invoice, publicStatus } from '../../domain/invoice.ts';
import { formatDecimal, formatNumber } from '../../domain/money.ts';
import type { Db } from '../../store/db.ts';
import { findInvoice } from '../../store/invoices.ts';
import { ExactNumber, type WireValue } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { HttpError, sendData } from './envelope.ts';

export function viewInvoiceRoute(app: FastifyInstance, db: Db): void {
  app.get<{ Params: { id: string } }>('/invoice/:id', async (request, reply) => {
    const id = /^[1-9]\d{0,14}$/.test(request.params.id) ? Number(request.params.id) : null;
    const invoice = id === null ? null : await findInvoice(db, merchantOf(request).merchantId, id);
    if (!invoice) throw new HttpError(404, 'Invoice not found.');
    return sendData(reply, viewedInvoice(invoice));
  });
}

/** Ids and times are integers, final_amount a number printed from its decimal, requested_amount text of 8 decimals. */
function viewedInvoice(invoice: Invoice): WireValue {
  const { method, seen, source } = invoice;
  return {
    id: invoice.id,
    cryptocurrency: method?.asset ?? null,
    network: method?.network ?? null,
    wallet: method?.address ?? null,
    payer_wallet: seen?.payerWallet ?? null,
    transaction_id: seen?.transactionId ?? null,
    ...(source && { source_currency: source.currency, source_amount: formatDecimal(source.amount) }),
    final_amount: new ExactNumber(formatNumber(finalAmount(invoice))),
    requested_amount: formatDecimal(invoice.requested),
    status: publicStatus(invoice.status),
    client_reference_id: invoice.clientReferenceId,
    metadata: invoice.metadata,
    created_at: unixSeconds(invoice.createdAt),
    paid_at: seen ? unixSeconds(seen.paidAt) : null,
    expire_at: unixSeconds(invoice.expireAt),
  };
}
