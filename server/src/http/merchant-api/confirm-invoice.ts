/** PUT /api/v1/invoice/confirm/{id}: the shop says by which transaction an invoice was paid. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ConfirmManually } from '../../commands/confirm-manually.ts';
import type { ConfirmFault } from '../../domain/errors.ts';
import { type Invoice, requestedAmount } from '../../domain/invoice.ts';
import { formatNumber } from '../../domain/money.ts';
import type { Clock } from '../../lib/clock.ts';
import { never } from '../../lib/never.ts';
import type { Result } from '../../lib/result.ts';
import type { TokenBuckets } from '../../lib/token-buckets.ts';
import * as answer from '../openapi/answer-fields.ts';
import { ExactNumber, type WireValue } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { bodyOf, fieldsOf } from './body.ts';
import { HttpError, InvalidRequest, sendData } from './envelope.ts';
import { transactionIdField, validate } from './fields.ts';
import { spendLookUp } from './rate-limit.ts';
import { invoiceIdOf, type ViewDeps, viewedInvoiceAnswer, viewedInvoices } from './view-invoice.ts';

export type ConfirmOne = (command: ConfirmManually) => Promise<Result<Invoice, ConfirmFault>>;

type ConfirmDeps = {
  clock: Clock;
  confirmInvoice: ConfirmOne;
  /** null: as many as one likes. */
  lookUps: TokenBuckets | null;
};

/** The body of the request. */
export const confirmInvoiceBody = z.object({ transactionId: transactionIdField });

export function confirmInvoiceRoute(
  app: FastifyInstance,
  { confirmInvoice: confirm, ...deps }: ViewDeps & ConfirmDeps,
): void {
  app.put<{ Params: { id: string } }>('/invoice/confirm/:id', async (request, reply) => {
    const { merchantId, verifiedOnly } = merchantOf(request);
    const { transactionId } = validate(confirmInvoiceBody, fieldsOf(bodyOf(request)));
    const invoiceId = invoiceIdOf(request.params.id);
    if (invoiceId === null) throw refusal('invoice_unknown');
    if (deps.lookUps) spendLookUp(deps.lookUps, merchantId, deps.clock.now());
    const confirmed = await confirm({ merchantId, verifiedOnly, invoiceId, transactionId });
    if (!confirmed.ok) throw refusal(confirmed.fault);
    return sendData(reply, await confirmedInvoice(deps, confirmed.value));
  });
}

/** As documented for this call: both amounts are numbers, and coin and network are not told. */
export const confirmedInvoiceAnswer = viewedInvoiceAnswer
  .omit({ cryptocurrency: true, network: true })
  .extend({ requested_amount: answer.requestedNumber });

async function confirmedInvoice(deps: ViewDeps, invoice: Invoice): Promise<WireValue> {
  const [whole = {}] = await viewedInvoices(deps, [invoice]);
  const { cryptocurrency: _, network: __, ...viewed } = whole;
  return { ...viewed, requested_amount: new ExactNumber(formatNumber(requestedAmount(invoice))) };
}

function refusal(fault: ConfirmFault): Error {
  const invalid = (text: string) => new InvalidRequest({ transactionId: [text] });
  switch (fault) {
    case 'invoice_unknown':
      return new HttpError(404, 'Invoice not found.');
    case 'transaction_malformed':
      return invalid('Transaction Id is not a transaction id of the network of this invoice.');
    case 'transaction_failed':
      return invalid('Transaction Id: this transaction failed on the blockchain.');
    case 'transaction_foreign':
      return invalid('Transaction Id: this transaction does not pay the wallet of this invoice in its coin.');
    case 'transaction_unseen':
      return invalid('Transaction Id: this transaction was not found on the blockchain.');
    case 'transaction_taken':
      return new HttpError(409, 'This transaction is the payment of another invoice.');
    case 'transaction_refunded':
      return new HttpError(409, 'This transaction was marked as refunded: it pays for no invoice.');
    case 'invoice_settled':
      return new HttpError(409, 'This invoice is settled by another transaction.');
    case 'wallet_integrity':
      return new HttpError(503, 'wallet_integrity: the wallet of this invoice failed its integrity check.');
    default:
      return never(fault);
  }
}
