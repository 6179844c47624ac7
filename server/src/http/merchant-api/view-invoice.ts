/** GET /api/v1/invoice/{id}: one invoice of the merchant; another's is not found. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { unixSeconds } from '../../domain/event.ts';
import { finalAmount, type Invoice, publicStatus, requestedAmount } from '../../domain/invoice.ts';
import { formatDecimal, formatNumber } from '../../domain/money.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../store/db.ts';
import { genuineAddresses } from '../../store/genuine-wallets.ts';
import { findInvoice } from '../../store/invoices.ts';
import * as answer from '../openapi/answer-fields.ts';
import { ExactNumber, type WireValue } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { HttpError, sendData } from './envelope.ts';

export type ViewDeps = { db: Db; vault: Vault };

export function viewInvoiceRoute(app: FastifyInstance, { db, vault }: ViewDeps): void {
  app.get<{ Params: { id: string } }>('/invoice/:id', async (request, reply) => {
    const id = invoiceIdOf(request.params.id);
    const invoice = id === null ? null : await findInvoice(db, merchantOf(request).merchantId, id);
    if (!invoice) throw new HttpError(404, 'Invoice not found.');
    const [viewed = {}] = await viewedInvoices({ db, vault }, [invoice]);
    return sendData(reply, viewed);
  });
}

/** null: no invoice can have this id. */
export function invoiceIdOf(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

export const viewedInvoiceAnswer = z.object({
  id: answer.id,
  cryptocurrency: answer.cryptocurrency.nullable(),
  network: answer.network.nullable(),
  wallet: answer.wallet.nullable(),
  payer_wallet: answer.payerWallet.nullable(),
  transaction_id: answer.transactionId.nullable(),
  source_currency: answer.sourceCurrency.optional(),
  source_amount: answer.sourceAmount.optional(),
  final_amount: answer.amountNumber,
  requested_amount: answer.requestedText,
  status: answer.status,
  client_reference_id: answer.reference,
  metadata: answer.metadata.nullable(),
  created_at: answer.createdAt,
  paid_at: answer.paidAt.nullable(),
  expire_at: answer.expireAt,
});

/** What the merchant's invoices look like. An address that is not the one that was registered is told to nobody. */
export async function viewedInvoices(
  { db, vault }: ViewDeps,
  invoices: readonly Invoice[],
): Promise<Record<string, WireValue>[]> {
  const addresses = await genuineAddresses(db, vault, invoices);
  return invoices.map(invoice => viewedInvoice(invoice, addresses.get(invoice.id) ?? null));
}

/** Ids and times are integers, final_amount a number printed from its decimal, requested_amount text of 8 decimals. */
function viewedInvoice(invoice: Invoice, address: string | null): Record<string, WireValue> {
  const { method, seen, source } = invoice;
  return {
    id: invoice.id,
    cryptocurrency: method?.asset ?? null,
    network: method?.network ?? null,
    wallet: address,
    payer_wallet: seen?.payerWallet ?? null,
    transaction_id: seen?.transactionId ?? null,
    ...(source && { source_currency: source.currency, source_amount: formatDecimal(source.amount) }),
    final_amount: new ExactNumber(formatNumber(finalAmount(invoice))),
    requested_amount: formatDecimal(requestedAmount(invoice)),
    status: publicStatus(invoice.status),
    client_reference_id: invoice.clientReferenceId,
    metadata: invoice.metadata,
    created_at: unixSeconds(invoice.createdAt),
    paid_at: seen ? unixSeconds(seen.paidAt) : null,
    expire_at: unixSeconds(invoice.expireAt),
  };
}
