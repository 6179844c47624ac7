/** POST /api/v1/invoice: an invoice whose details the shop shows to the payer itself. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Answer, CreateInvoice } from '../../commands/create-invoice.ts';
import { unixSeconds } from '../../domain/event.ts';
import type { Invoice } from '../../domain/invoice.ts';
import { formatAmount } from '../../domain/money.ts';
import type { Group } from '../../lib/group.ts';
import * as answer from '../openapi/answer-fields.ts';
import { merchantOf } from './auth.ts';
import { bodyOf, fieldsOf } from './body.ts';
import { refusal } from './create-refusal.ts';
import { sendData } from './envelope.ts';
import {
  amountField,
  cryptocurrencyField,
  currencyField,
  metadataField,
  networkField,
  referenceField,
  validate,
} from './fields.ts';
import { onceOf } from './idempotency.ts';
import type { AskPrice } from './price.ts';

type CreateOne = Group<CreateInvoice, Answer>;

/** The body of the request. */
export const createInvoiceBody = z
  .object({
    amount: amountField,
    currency: currencyField,
    cryptocurrency: cryptocurrencyField,
    network: networkField,
    client_reference_id: referenceField,
    metadata: metadataField,
  })
  .superRefine(({ cryptocurrency, network }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (cryptocurrency !== null && network === null) fault('network', 'Network cannot be blank.');
    if (network !== null && cryptocurrency === null)
      fault('cryptocurrency', 'Cryptocurrency cannot be blank.');
  });

export type CreateDeps = { createInvoice: CreateOne; askPrice: AskPrice };

export function createInvoiceRoute(app: FastifyInstance, { createInvoice, askPrice }: CreateDeps): void {
  app.post('/invoice', async (request, reply) => {
    const merchant = merchantOf(request);
    const body = validate(createInvoiceBody, fieldsOf(bodyOf(request)));
    const { requested, source, rate } = await askPrice(body);
    const command: CreateInvoice = {
      merchant: { id: merchant.merchantId, compat: merchant.compat, paymentMinutes: merchant.paymentMinutes },
      requested,
      source,
      rate,
      clientReferenceId: body.client_reference_id,
      metadata: body.metadata,
      method: { network: body.network ?? 'TRC-20', asset: body.cryptocurrency ?? 'USDT' },
      page: null,
    };
    const once = onceOf(request, made => (made.ok ? createdInvoice(made.value) : refusal(made, command)));
    const created = await createInvoice({ ...command, once });
    if (!created.ok) throw refusal(created, command);
    return sendData(reply, createdInvoice(created.value));
  });
}

/** Of a created invoice every value is a string. */
export const createdInvoiceAnswer = z.object({
  id: z
    .string()
    .regex(/^\d+$/)
    .meta({ description: answer.id.description, examples: ['12589'] }),
  final_amount: answer.amountText,
  cryptocurrency: answer.cryptocurrency,
  network: answer.network,
  wallet: answer.wallet,
  expire_at: z
    .string()
    .regex(/^\d+$/)
    .meta({ description: answer.expireAt.description, examples: ['1677422490'] }),
});

export function createdInvoice({ id, method, expireAt }: Invoice): Record<string, string | null> {
  return {
    id: id.toString(),
    final_amount: method ? formatAmount(method.final) : null,
    cryptocurrency: method?.asset ?? null,
    network: method?.network ?? null,
    wallet: method?.address ?? null,
    expire_at: unixSeconds(expireAt).toString(),
  };
}
