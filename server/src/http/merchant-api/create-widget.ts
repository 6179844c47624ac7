/** POST /api/v1/invoice/widget: an invoice with a page of its own, on which the payer sees what to pay and where. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { CreateInvoice } from '../../commands/create-invoice.ts';
import { unixSeconds } from '../../domain/event.ts';
import type { Invoice } from '../../domain/invoice.ts';
import type { WireValue } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { bodyOf, fieldsOf } from './body.ts';
import { type CreateDeps, createdInvoice, createdInvoiceAnswer } from './create-invoice.ts';
import { refusal } from './create-refusal.ts';
import { sendData } from './envelope.ts';
import {
  amountField,
  backUrlField,
  cancelUrlField,
  currencyField,
  descriptionField,
  langField,
  metadataField,
  referenceField,
  validate,
} from './fields.ts';
import { onceOf } from './idempotency.ts';

/** The body of the request. */
export const createWidgetBody = z.object({
  amount: amountField,
  currency: currencyField,
  client_reference_id: referenceField,
  widget_description: descriptionField,
  metadata: metadataField,
  back_url: backUrlField,
  cancel_url: cancelUrlField,
  lang: langField,
});

export type WidgetDeps = CreateDeps & {
  /** Where payers reach this installation, without a slash at the end. */
  baseUrl: () => string;
  /** 128 random bits in the shape of a UUID. */
  pageId: () => string;
};

export function createWidgetRoute(app: FastifyInstance, deps: WidgetDeps): void {
  app.post('/invoice/widget', async (request, reply) => {
    const merchant = merchantOf(request);
    const body = validate(createWidgetBody, fieldsOf(bodyOf(request)));
    const { requested, source, rate } = await deps.askPrice({ ...body, payerChooses: !merchant.compat });
    const command: CreateInvoice = {
      merchant: { id: merchant.merchantId, compat: merchant.compat, paymentMinutes: merchant.paymentMinutes },
      requested,
      source,
      rate,
      clientReferenceId: body.client_reference_id,
      metadata: body.metadata,
      // "USDT TRC-20 receive only" leaves nothing to choose; otherwise the payer chooses on the page.
      method: merchant.compat ? { network: 'TRC-20', asset: 'USDT' } : null,
      page: {
        id: deps.pageId(),
        description: body.widget_description,
        backUrl: body.back_url,
        cancelUrl: body.cancel_url,
        lang: body.lang,
      },
    };
    const once = onceOf(request, made =>
      made.ok ? createdWidget(made.value, deps.baseUrl()) : refusal(made, command),
    );
    const created = await deps.createInvoice({ ...command, once });
    if (!created.ok) throw refusal(created, command);
    return sendData(reply, createdWidget(created.value, deps.baseUrl()));
  });
}

/** Of a created widget every value is a string. In "USDT TRC-20 receive only" it tells the payment too, otherwise not. */
export const createdWidgetAnswer = z.object({
  ...createdInvoiceAnswer.partial({ final_amount: true, cryptocurrency: true, network: true, wallet: true })
    .shape,
  widget_url: z.string().meta({
    description: 'The payment page: send the payer there.',
    format: 'uri',
    examples: ['https://pay.shop.example/payment/69908b3b-ac70-4652-9ca2-877e348a2dbe'],
  }),
});

/** While the payer is to choose, there is no amount, coin or wallet to tell yet. */
function createdWidget(invoice: Invoice, baseUrl: string): WireValue {
  const page = { widget_url: `${baseUrl}/payment/${invoice.page?.id}` };
  if (invoice.method) return { ...createdInvoice(invoice), ...page };
  return { id: invoice.id.toString(), expire_at: unixSeconds(invoice.expireAt).toString(), ...page };
}
