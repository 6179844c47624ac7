/** What is posted to a shop, as the `webhooks` section. The fields are domain/event.ts's, the headers flow's. */
import { z } from 'zod';
import type { EventType, OptInType } from '../../domain/invoice.ts';
import * as answer from './answer-fields.ts';
import { webhookData } from './examples.ts';
import type { JsonObject } from './schemas.ts';

const head = {
  id: answer.id,
  wallet: answer.wallet.nullable(),
  cryptocurrency: answer.cryptocurrency.nullable().meta({
    description: 'Coin; null in "USDT TRC-20 receive only" mode, and where none was chosen.',
  }),
  network: answer.network.nullable().meta({
    description: 'Network; null in "USDT TRC-20 receive only" mode, and where none was chosen.',
  }),
};

const order = {
  final_amount: answer.amountText,
  requested_amount: answer.requestedText,
  status: answer.status,
  client_reference_id: answer.reference,
  metadata: answer.metadata.nullable(),
  created_at: answer.createdAt,
};

const told = z.object({ ...head, ...order, expire_at: answer.expireAt });

const toldOfPaid = z.object({
  ...head,
  payer_wallet: answer.payerWallet.nullable(),
  transaction_id: answer.transactionId.nullable(),
  source_currency: answer.sourceCurrency.optional(),
  source_amount: answer.sourceAmount.optional(),
  ...order,
  paid_at: answer.paidAt.nullable(),
  expire_at: answer.expireAt,
});

const toldOfTransfer = z.object({
  ...head,
  payer_wallet: answer.payerWallet,
  transaction_id: answer.transactionId,
  received_amount: answer.amountText.meta({
    description: 'What this transfer brought, in the coin it was sent in.',
  }),
  ...order,
  expire_at: answer.expireAt,
});

const OPT_IN = 'Sent only to a merchant who has asked for it, once for an invoice.';

type Event = { name: string; summary: string; description: string; data: z.ZodType };

const events: Record<EventType | OptInType, Event> = {
  paid: {
    name: 'PaidEvent',
    summary: 'An invoice is paid',
    description:
      'The payment is final. Sent once for an invoice, and after `expired` where it was found late.',
    data: toldOfPaid,
  },
  expired: {
    name: 'ExpiredEvent',
    summary: 'An invoice has expired',
    description: 'No payment came in time.',
    data: told,
  },
  paid_manually: {
    name: 'PaidManuallyEvent',
    summary: 'An invoice was confirmed manually',
    description: 'You or a person at the dashboard said by which transaction it was paid.',
    data: told,
  },
  cancelled: {
    name: 'CancelledEvent',
    summary: 'An invoice was cancelled',
    description: 'By the payer on the payment page, or by the merchant.',
    data: told,
  },
  detected: {
    name: 'DetectedEvent',
    summary: 'A payment was seen',
    description: `It counts for an invoice that was open, and may still be undone: deliver nothing yet. ${OPT_IN}`,
    data: toldOfTransfer,
  },
  underpaid: {
    name: 'UnderpaidEvent',
    summary: 'An invoice was paid by less',
    description: `Final, and within what you accept: \`paid\` is sent as well. ${OPT_IN}`,
    data: toldOfTransfer,
  },
  overpaid: {
    name: 'OverpaidEvent',
    summary: 'An invoice was paid by more',
    description: `Final, and within what you accept: \`paid\` is sent as well. ${OPT_IN}`,
    data: toldOfTransfer,
  },
  late: {
    name: 'LateEvent',
    summary: 'A payment came late',
    description: `After the deadline or the cancellation. Where you accept it, it is sent with \`paid\`; else a person has to look. ${OPT_IN}`,
    data: toldOfTransfer,
  },
  duplicate: {
    name: 'DuplicateEvent',
    summary: 'An invoice was paid again',
    description: `Another transfer counts already, or has paid it. ${OPT_IN}`,
    data: toldOfTransfer,
  },
  reversed: {
    name: 'ReversedEvent',
    summary: 'A final payment has left the chain',
    description: `The network has broken its word; the invoice stays \`completed\`. ${OPT_IN}`,
    data: toldOfTransfer,
  },
};

const entries = Object.entries(events) as [EventType | OptInType, Event][];

/** The bodies, by the name of their schema. */
export const eventSchemas: Record<string, z.ZodType> = Object.fromEntries(
  entries.map(([type, { name, data }]) => [
    name,
    z.object({
      event_type: z.literal(type),
      retry_count: z
        .int()
        .min(0)
        .max(9)
        .meta({ description: '0 in the first request.', examples: [0] }),
      data,
    }),
  ]),
);

const headers: [name: string, required: boolean, description: string, example: string][] = [
  ['public-key', true, 'Public key of the merchant.', 'public_3f9d1c'],
  [
    'signature',
    false,
    'Hex HMAC-SHA256 with the private key over the body as a request is signed: `event_type`, `retry_count`, `data` and `api_key` sorted, the fields of `data` in the order sent.',
    'f0b5c6a4b3cf0b58e7c3d4a5968778695a4b3c2d1e0f1a2b3c4d5e6f70819203',
  ],
  [
    'private-key',
    false,
    'The private key itself, in place of `signature`: only for a merchant with private-key authentication who switched it on.',
    'private_9a7be2',
  ],
  [
    'webhook-id',
    true,
    'The same in every repetition (Standard Webhooks): keep it to recognise one.',
    'msg_2b7f0a8c',
  ],
  ['webhook-timestamp', true, 'Time of this request in unix seconds (Standard Webhooks).', '1677421010'],
  [
    'webhook-signature',
    true,
    '`v1,` and the base64 HMAC-SHA256 with the webhook secret over `{webhook-id}.{webhook-timestamp}.{body}` (Standard Webhooks).',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ],
];

/** The parameters of `components` that every event refers to. */
export const webhookParameters: Record<string, JsonObject> = Object.fromEntries(
  headers.map(([name, required, description, example]) => [
    parameterName(name),
    { name, in: 'header', required, description, schema: { type: 'string' }, example },
  ]),
);

function parameterName(header: string): string {
  return `Webhook.${header}`;
}

const DELIVERY =
  'Delivered is what you answer with status 200; anything else is sent again after 30 s, 2 min, 10 min, 60 min, 2 h, 4 h, 6 h, 12 h and 24 h. Expect an event more than once, and verify its signature before anything else.';

export function webhookSection(): JsonObject {
  return Object.fromEntries(entries.map(([type, event]) => [type, { post: operationOf(type, event) }]));
}

function operationOf(type: EventType | OptInType, { name, summary, description }: Event): JsonObject {
  return {
    operationId: `on${name}`,
    summary,
    description: `${description} ${DELIVERY}`,
    security: [],
    parameters: headers.map(([header]) => ({ $ref: `#/components/parameters/${parameterName(header)}` })),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${name}` },
          examples: {
            first: { summary, value: { event_type: type, retry_count: 0, data: webhookData[type] } },
          },
        },
      },
    },
    responses: {
      200: { description: 'Delivered: nothing more is sent for this event.' },
      default: { description: 'Not delivered: sent again, up to ten requests in all.' },
    },
  };
}
