/** What people do to invoices: make one, cancel one, confirm one by hand. Each goes to the audit log with who did it. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { note } from '../../commands/acting.ts';
import { type RuleCode, rule } from '../../commands/rule.ts';
import type { CancelFault, ConfirmFault } from '../../domain/errors.ts';
import { findOwnInvoice, invoiceTarget } from '../../store/invoice-story.ts';
import { bodyOf, idOf } from './body.ts';
import type { ErrorCode } from './codes.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError, invalidFields, tooMany } from './errors.ts';
import { asVisitor } from './own-merchant.ts';
import { authorize } from './visit.ts';

const confirmBody = z.strictObject({
  transaction_id: z
    .string('must be a text')
    .trim()
    .min(1, 'is required')
    .max(255, 'must have at most 255 characters'),
  reason: z
    .string('must be a text')
    .trim()
    .min(1, 'is required')
    .max(500, 'must have at most 500 characters'),
});
export type ConfirmBody = z.input<typeof confirmBody>;
/** `verified`: the transaction was seen on the chain. */
export type ConfirmAnswer = { verified: boolean };

export function invoiceActRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/users/:userId/invoices/:id/cancel', async (request, reply) => {
    const [userId, invoiceId] = [idOf(request, 'userId'), idOf(request, 'id')];
    authorize(request, 'invoices.cancel', userId);
    const { merchantId } = await own(deps, userId, invoiceId);
    const acting = asVisitor(deps, request);
    const entry = { userId, action: 'invoice.cancel', target: invoiceTarget(invoiceId) };
    const cancelled = await deps.cancelInvoice({
      merchantId,
      invoiceId,
      alsoSave: tx => note(tx, acting, entry, deps.clock.now()),
    });
    if (!cancelled.ok) throw cancelRefusals[cancelled.fault]();
    return reply.code(204).send();
  });
  app.post('/users/:userId/invoices/:id/confirm', async (request, reply) => {
    const { transaction_id: transactionId, reason } = bodyOf(confirmBody, request);
    const [userId, invoiceId] = [idOf(request, 'userId'), idOf(request, 'id')];
    authorize(request, 'invoices.confirm', userId);
    const { merchantId, verifiedOnly } = await own(deps, userId, invoiceId);
    const acting = asVisitor(deps, request);
    const entry = { userId, action: 'invoice.confirm', target: invoiceTarget(invoiceId) };
    const seconds = deps.lookUps?.take(merchantId, deps.clock.now()) ?? 0;
    if (seconds > 0) throw tooMany(seconds);
    const confirmed = await deps.confirmInvoice({
      merchantId,
      invoiceId,
      verifiedOnly,
      transactionId,
      alsoSave: (tx, { seen, exception }) => {
        const verified = exception !== 'unverified_manual';
        const after = { transaction_id: seen?.transactionId ?? '', verified, reason };
        return note(tx, acting, { ...entry, after }, deps.clock.now());
      },
    });
    if (!confirmed.ok) throw confirmRefusals[confirmed.fault]();
    const answer: ConfirmAnswer = { verified: confirmed.value.exception !== 'unverified_manual' };
    return reply.send(answer);
  });
}

async function own({ db }: DashboardDeps, userId: number, id: number) {
  const found = await findOwnInvoice(db, userId, id);
  if (!found) throw missing();
  return { merchantId: found.invoice.merchantId, verifiedOnly: found.verifiedOnly };
}

const missing = () => new DashboardError(404, 'not_found', 'There is nothing here.');
const conflict = (code: ErrorCode, text: string) => () => new DashboardError(409, code, text);
const wrong = (code: RuleCode, text: string) => () =>
  invalidFields([{ field: 'transaction_id', text, ...rule(code) }]);

const cancelRefusals: Record<CancelFault, () => DashboardError> = {
  invoice_unknown: missing,
  invoice_ended: conflict('invoice_ended', 'This invoice has ended and stays as it is.'),
  payment_seen: conflict('payment_seen', 'A payment for this invoice has been seen; it is not cancelled.'),
};

const confirmRefusals: Record<ConfirmFault, () => DashboardError> = {
  invoice_unknown: missing,
  transaction_malformed: wrong(
    'transaction_malformed',
    'is not a transaction id of the network of this invoice',
  ),
  transaction_failed: wrong('transaction_failed', 'is of a transaction that failed on the blockchain'),
  transaction_foreign: wrong(
    'transaction_foreign',
    'is of a transaction that does not pay the wallet of this invoice in its coin',
  ),
  transaction_unseen: wrong(
    'transaction_unseen',
    'was not found on the blockchain; this merchant takes only what can be seen there',
  ),
  transaction_taken: conflict('transaction_taken', 'This transaction is the payment of another invoice.'),
  transaction_refunded: conflict(
    'transaction_refunded',
    'This transaction was marked as refunded: it pays for no invoice.',
  ),
  invoice_settled: conflict('invoice_settled', 'This invoice is settled by another transaction.'),
  wallet_integrity: conflict(
    'wallet_integrity',
    'The wallet of this invoice is not as it was registered. Tell the operator.',
  ),
};
