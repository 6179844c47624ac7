/** A transfer that settled nothing is given to an open invoice as a part of it; the invoice then asks for the rest. */
import type { FastifyInstance } from 'fastify';
import type { PartFault } from '../../commands/accept-part.ts';
import { asPerson } from '../../commands/people-deps.ts';
import { bodyOf, idOf } from './body.ts';
import type { ErrorCode } from './codes.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { type AcceptedAnswer, acceptBody } from './money-body.ts';
import { authorize, doorstepOf, personOf } from './visit.ts';

export function partRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/users/:userId/money/:transferId/accept-part', async (request, reply) => {
    const { invoice_id: invoiceId, note } = bodyOf(acceptBody, request);
    const [userId, transferId] = [idOf(request, 'userId'), idOf(request, 'transferId')];
    authorize(request, 'invoices.confirm', userId);
    const acting = asPerson(personOf(request).row.id, doorstepOf(request, deps).visitor);
    const accepted = await deps.acceptPart({ userId, transferId, invoiceId, acting, note });
    if (!accepted.ok) throw refusals[accepted.fault]();
    const answer: AcceptedAnswer = { invoice_id: accepted.value.id, status: accepted.value.status };
    return reply.send(answer);
  });
}

const conflict = (code: ErrorCode, text: string) => () => new DashboardError(409, code, text);
const missing = () => new DashboardError(404, 'not_found', 'There is nothing here.');

/** Two mean something else here than where a transfer pays an invoice, so they have codes of their own. */
const refusals: Record<PartFault, () => DashboardError> = {
  transfer_unknown: missing,
  invoice_unknown: missing,
  transfer_settled: conflict('transfer_settled', 'This transfer has been dealt with already.'),
  transfer_not_seen: conflict('transfer_not_seen', 'This transfer is on no block now.'),
  invoice_not_open: conflict('invoice_not_open', 'This invoice does not wait for a payment.'),
  transaction_foreign: conflict(
    'part_foreign',
    'This transfer is in another coin, or went to another wallet, than this invoice asks for.',
  ),
  transaction_taken: conflict('part_taken', 'Another invoice asks for this very amount.'),
  not_in_time: conflict('not_in_time', 'This transfer was not made in the time of the invoice.'),
  not_a_part: conflict('not_a_part', 'This is the whole amount, or more. Mark the invoice as paid instead.'),
  too_many_parts: conflict('too_many_parts', 'This invoice takes no further parts.'),
};
