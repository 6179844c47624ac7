/** POST /api/v1/invoice: an invoice whose details the shop shows to the payer itself. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { CreateInvoice } from '../../commands/create-invoice.ts';
import type { CreateFault } from '../../domain/errors.ts';
import { unixSeconds } from '../../domain/event.ts';
import type { Invoice } from '../../domain/invoice.ts';
import { formatAmount } from '../../domain/money.ts';
import type { Group } from '../../lib/group.ts';
import { never } from '../../lib/never.ts';
import type { Result } from '../../lib/result.ts';
import type { WireValue } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { bodyOf, fieldsOf } from './body.ts';
import { HttpError, InvalidRequest, sendData } from './envelope.ts';
import {
  amountField,
  cryptocurrencyField,
  currencyField,
  metadataField,
  networkField,
  referenceField,
  validate,
} from './fields.ts';

export type CreateOne = Group<CreateInvoice, Result<Invoice, CreateFault>>;

const bodySchema = z
  .object({
    amount: amountField,
    currency: currencyField,
    cryptocurrency: cryptocurrencyField,
    network: networkField,
    client_reference_id: referenceField,
    metadata: metadataField,
  })
  .superRefine(({ currency, cryptocurrency, network }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (currency !== null && currency !== 'USD')
      fault('currency', `Currency "${currency}" is not available.`);
    if (cryptocurrency !== null && network === null) fault('network', 'Network cannot be blank.');
    if (network !== null && cryptocurrency === null)
      fault('cryptocurrency', 'Cryptocurrency cannot be blank.');
  });

export function createInvoiceRoute(app: FastifyInstance, create: CreateOne): void {
  app.post('/invoice', async (request, reply) => {
    const merchant = merchantOf(request);
    const body = validate(bodySchema, fieldsOf(bodyOf(request)));
    const command: CreateInvoice = {
      merchant: { id: merchant.merchantId, compat: merchant.compat, paymentMinutes: merchant.paymentMinutes },
      amount: body.amount,
      clientReferenceId: body.client_reference_id,
      metadata: body.metadata,
      network: body.network ?? 'TRC-20',
      asset: body.cryptocurrency ?? 'USDT',
    };
    const created = await create(command);
    if (!created.ok) throw refusal(created.fault, command);
    return sendData(reply, createdInvoice(created.value));
  });
}

/** Of a created invoice every value is a string. */
function createdInvoice({ id, method, expireAt }: Invoice): WireValue {
  return {
    id: id.toString(),
    final_amount: method ? formatAmount(method.final) : null,
    cryptocurrency: method?.asset ?? null,
    network: method?.network ?? null,
    wallet: method?.address ?? null,
    expire_at: unixSeconds(expireAt).toString(),
  };
}

function refusal(fault: CreateFault, { clientReferenceId, network, asset }: CreateInvoice): Error {
  switch (fault) {
    case 'reference_taken':
      return new InvalidRequest({
        client_reference_id: [`Client Reference Id "${clientReferenceId}" has already been taken.`],
      });
    case 'compat_network':
      return new InvalidRequest({
        network: ['This merchant receives USDT on TRC-20 only (compatibility mode is on).'],
      });
    case 'no_wallet':
      return new InvalidRequest({ network: [`There is no active wallet for ${asset} on ${network}.`] });
    case 'no_free_amount':
      return new HttpError(
        409,
        'All amounts near this price are held by other invoices of this wallet. Try again later, or add a wallet.',
      );
    case 'network_behind':
      return new HttpError(503, `Payments on ${network} cannot be seen at the moment. Try again later.`, 60);
    case 'wallet_integrity':
      return new HttpError(503, 'wallet_integrity: a wallet of this merchant failed its integrity check.');
    default:
      return never(fault);
  }
}
