/** GET /api/v1/invoice?query=: the merchant's invoices that a value leads to, newest first. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { searchInvoices } from '../../store/search-invoices.ts';
import { merchantOf } from './auth.ts';
import { sendData } from './envelope.ts';
import { cursorField, limitField, queryField, validate } from './fields.ts';
import { type ViewDeps, viewedInvoiceAnswer, viewedInvoices } from './view-invoice.ts';

/** `limit` and `cursor` are additions of ours: at most 100 a page, and the id the page before ended at. */
export const searchQuery = z.object({ query: queryField, limit: limitField, cursor: cursorField });

export const foundInvoicesAnswer = z.array(viewedInvoiceAnswer).max(100);

export function searchInvoicesRoute(app: FastifyInstance, deps: ViewDeps): void {
  app.get('/invoice', async (request, reply) => {
    const { query, limit, cursor } = validate(searchQuery, request.query);
    const found = await searchInvoices(deps.db, {
      merchantId: merchantOf(request).merchantId,
      query,
      before: cursor,
      limit: limit ?? 100,
    });
    return sendData(reply, await viewedInvoices(deps, found));
  });
}
