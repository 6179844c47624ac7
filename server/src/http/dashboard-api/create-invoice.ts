/** An invoice made by hand: a price, and a page to send to whoever is to pay it. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Refused } from '../../commands/create-invoice.ts';
import { rule } from '../../commands/rule.ts';
import type { CreateFault } from '../../domain/errors.ts';
import { parsePrice } from '../../domain/money.ts';
import { pageLanguages } from '../../domain/page-language.ts';
import { formatBalance } from '../../domain/usd.ts';
import { isRedirectUrl } from '../../lib/redirect-url.ts';
import { InvalidRequest } from '../merchant-api/envelope.ts';
import { bodyOf, idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError, invalidFields } from './errors.ts';
import { asVisitor, ownMerchant } from './own-merchant.ts';

/** As the API takes it: contract of `POST /invoice/widget`. */
const HIDDEN = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

const plain = (longest: number) =>
  z
    .string('must be a text')
    .trim()
    .refine(text => [...text].length <= longest, {
      error: `must have at most ${longest} characters`,
      params: rule('too_long', { most: longest }),
    })
    .transform(text => text || null)
    .nullable()
    .default(null);

const redirect = z
  .string('must be a text')
  .trim()
  .max(2048, 'must have at most 2048 characters')
  .refine(text => text === '' || isRedirectUrl(text), {
    error: 'must be an http or https URL',
    params: rule('http_url'),
  })
  .transform(text => text || null)
  .nullable()
  .default(null);

const createBody = z.strictObject({
  amount: z.string('must be a text').transform((text, context) => {
    const price = parsePrice(text.trim());
    if (price.ok) return price.value;
    context.addIssue({ code: 'custom', message: price.fault, params: rule('amount') });
    return z.NEVER;
  }),
  currency: z
    .string('must be a text')
    .refine(code => code.length <= 3, { error: 'must be a code of three letters', params: rule('currency') })
    .default('USD'),
  /** null: one is made up. */
  client_reference_id: plain(255).refine(text => text === null || !HIDDEN.test(text), {
    error: 'must not contain control or direction characters',
    params: rule('control_characters'),
  }),
  description: plain(100),
  metadata: plain(2000),
  back_url: redirect,
  cancel_url: redirect,
  language: z.enum(pageLanguages, 'must be a language of the payment page').nullable().default(null),
});
export type CreateInvoiceBody = z.input<typeof createBody>;
export type CreatedInvoiceAnswer = { id: number; page_url: string };

export function createInvoiceRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/users/:userId/merchants/:merchantId/invoices', async (request, reply) => {
    const body = bodyOf(createBody, request);
    const merchant = await ownMerchant(deps, request, 'invoices.create');
    const { id, compat, payment_minutes: paymentMinutes } = merchant;
    const { requested, source, rate } = await priced(deps, body, compat);
    const page = {
      id: deps.pageId(),
      description: body.description,
      backUrl: body.back_url,
      cancelUrl: body.cancel_url,
      lang: body.language,
    };
    const create = {
      merchant: { id, compat, paymentMinutes },
      requested,
      source,
      rate,
      clientReferenceId: body.client_reference_id ?? `hand-${randomBytes(9).toString('base64url')}`,
      metadata: body.metadata,
      // "USDT TRC-20 receive only" leaves nothing to choose; otherwise the payer chooses on the page.
      method: compat ? ({ network: 'TRC-20', asset: 'USDT' } as const) : null,
      page,
    };
    const { acting } = asVisitor(deps, request);
    const made = await deps.createByHand({ userId: idOf(request, 'userId'), create }, acting);
    if (!made.ok) throw refusal(made);
    const answer: CreatedInvoiceAnswer = {
      id: made.value.id,
      page_url: `${deps.baseUrl()}/payment/${page.id}`,
    };
    return reply.code(201).send(answer);
  });
}

async function priced(
  { askPrice }: DashboardDeps,
  { amount, currency }: z.output<typeof createBody>,
  compat: boolean,
) {
  try {
    return await askPrice({ amount, currency: currency.toUpperCase(), payerChooses: !compat });
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    // The API's faults are whole sentences, and of a coin that the form does not ask for.
    throw invalidFields(
      Object.entries(error.errors).flatMap(([field, texts]) =>
        texts.map(text =>
          field === 'amount'
            ? { field, text, ...rule('amount') }
            : { field: field === 'cryptocurrency' ? 'currency' : field, text, ...rule('currency') },
        ),
      ),
    );
  }
}

const refusals: Record<Exclude<CreateFault, 'balance_low'>, [status: number, message: string]> = {
  reference_taken: [400, 'has been taken by another invoice of this merchant'],
  compat_network: [409, 'This merchant receives USDT on TRC-20 only.'],
  no_wallet: [409, 'This merchant has no active wallet to be paid on. Add one first.'],
  no_free_amount: [
    409,
    'All amounts near this price are held by other invoices. Try again later, or add a wallet.',
  ],
  network_behind: [503, 'Payments cannot be seen at the moment. Try again later.'],
  wallet_integrity: [503, 'A wallet of this merchant is not as it was registered. Tell the operator.'],
  key_in_use: [409, 'Try again.'],
};

function refusal({ fault, balance = 0n }: Refused): DashboardError {
  if (fault === 'balance_low')
    return new DashboardError(
      409,
      fault,
      `The balance of this account is ${formatBalance(balance)} USD, which is too low for new invoices. Top it up first.`,
    );
  const [status, message] = refusals[fault];
  if (fault === 'reference_taken')
    return invalidFields([{ field: 'client_reference_id', text: message, ...rule('reference_taken') }]);
  return new DashboardError(status, fault, message);
}
