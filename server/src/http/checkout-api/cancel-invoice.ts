/** POST /payment/{uuid}/cancel: the payer gives up. */
import type { Notice } from '@cryptoscan/checkout';
import type { FastifyInstance } from 'fastify';
import type { CancelInvoice } from '../../commands/cancel-invoice.ts';
import type { CancelFault } from '../../domain/errors.ts';
import type { Invoice } from '../../domain/invoice.ts';
import type { Result } from '../../lib/result.ts';
import { backToPage, type FormDeps, formPage } from './receive-form.ts';
import { PageUnknown } from './unknown-page.ts';

export type CancelDeps = FormDeps & {
  cancelInvoice: (command: CancelInvoice) => Promise<Result<Invoice, CancelFault>>;
};

const noticeOf: Record<Exclude<CancelFault, 'invoice_unknown'>, Notice> = {
  invoice_ended: 'ended',
  payment_seen: 'payment_seen',
};

export function cancelInvoiceRoute(app: FastifyInstance, deps: CancelDeps): void {
  app.post('/:pageId/cancel', async (request, reply) => {
    const { page, merchantId, invoiceId } = await formPage(deps, request);
    const cancelled = await deps.cancelInvoice({ merchantId, invoiceId });
    if (cancelled.ok) return backToPage(request, reply, { pageId: page.id, notice: null });
    if (cancelled.fault === 'invoice_unknown') throw new PageUnknown('There is no such page');
    return backToPage(request, reply, { pageId: page.id, notice: noticeOf[cancelled.fault] });
  });
}
