/** What a list of invoices is asked for in its URL: the page's own URL holds the same words. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { check } from '../../commands/faults.ts';
import { rule } from '../../commands/rule.ts';
import { assetCodes, networkCodes } from '../../domain/asset.ts';
import { exceptions } from '../../domain/exception.ts';
import { type Status, statuses } from '../../domain/invoice.ts';
import { parsePrice } from '../../domain/money.ts';
import type { InvoiceFilter } from '../../store/invoice-filter.ts';
import type { OwnMerchant } from '../../store/own-merchants.ts';
import { DashboardError, invalidFields } from './errors.ts';
import { numberParameter, parametersOf } from './query.ts';

const LONGEST_TEXT = 2000;
const LAST_TIME = 8.64e15;

/** In ms since 1970. */
const time = numberParameter.refine(ms => ms <= LAST_TIME, {
  error: 'must be a time',
  params: rule('at_most', { most: LAST_TIME }),
});

const amount = z.string().transform((text, context) => {
  const price = parsePrice(text);
  if (price.ok) return price.value;
  context.addIssue({ code: 'custom', message: price.fault, params: rule('amount') });
  return z.NEVER;
});

/** Several, with commas between them. */
const statusList = z.string().transform((text, context): Status[] => {
  const asked = [...new Set(text.split(','))];
  const known = statuses.filter(status => asked.includes(status));
  if (known.length === asked.length) return known;
  context.addIssue({
    code: 'custom',
    message: `must be of ${statuses.join(', ')}, with commas between them`,
    params: rule('one_of', { values: statuses.join(', ') }),
  });
  return z.NEVER;
});

const querySchema = z.object({
  merchant: numberParameter.optional(),
  status: statusList.optional(),
  exception: z.enum(['any', ...exceptions], 'must be an exception').optional(),
  network: z.enum(networkCodes, 'must be a network').optional(),
  coin: z.enum(assetCodes, 'must be a coin').optional(),
  from: time.optional(),
  to: time.optional(),
  min: amount.optional(),
  max: amount.optional(),
  query: z.string().max(LONGEST_TEXT, 'is too long').optional(),
  cursor: numberParameter.optional(),
});

/** `merchants`: the account's, of which the query may name one. */
export function invoiceQueryOf(
  request: FastifyRequest,
  merchants: readonly OwnMerchant[],
): { filter: InvoiceFilter; before: number | null } {
  const filled = Object.entries(parametersOf(request)).filter(([, value]) => value !== '');
  const checked = check(querySchema, Object.fromEntries(filled));
  if (!checked.ok) throw invalidFields(checked.fault);
  const asked = checked.value;
  const filter = {
    merchantIds: chosen(merchants, asked.merchant),
    statuses: asked.status ?? [],
    exception: asked.exception ?? null,
    network: asked.network ?? null,
    asset: asked.coin ?? null,
    createdFrom: asked.from ?? null,
    createdTo: asked.to ?? null,
    amountFrom: asked.min ?? null,
    amountTo: asked.max ?? null,
    text: asked.query?.trim() || null,
  };
  return { filter, before: asked.cursor ?? null };
}

/** All of them, or the one named; another account's is as if it were not there. */
export function chosen(merchants: readonly OwnMerchant[], id: number | undefined): number[] {
  if (id === undefined) return merchants.map(merchant => merchant.id);
  if (!merchants.some(merchant => merchant.id === id))
    throw new DashboardError(404, 'not_found', 'There is nothing here.');
  return [id];
}
