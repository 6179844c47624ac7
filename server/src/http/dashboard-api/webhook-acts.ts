/** What people do about webhooks: send an event once more, send all that failed once more, send a made-up one. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { note } from '../../commands/acting.ts';
import { eventTypes } from '../../domain/invoice.ts';
import { sendTestEvent } from '../../flow/send-test-event.ts';
import { TokenBuckets } from '../../lib/token-buckets.ts';
import { webhookId } from '../../lib/webhook-id.ts';
import { transact } from '../../store/db.ts';
import { invoiceTarget } from '../../store/invoice-story.ts';
import { askForFailed, askForResend } from '../../store/resends.ts';
import { findDelivery } from '../../store/webhook-log.ts';
import { bodyOf, idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError, tooMany } from './errors.ts';
import { asVisitor, ownMerchant } from './own-merchant.ts';
import { authorize, personOf } from './visit.ts';
import { type RequestAnswer, testAnswer } from './webhook-answers.ts';

/** As many as one call asks for; whoever has more asks again. */
const MOST_RESENT = 1000;
const TEST_TIMEOUT = 20_000;
/** Each leads to a request to an address that the merchant has written. */
const TESTS = { perSecond: 1 / 6, burst: 5 };

const failedBody = z.strictObject({
  /** In ms. */
  since: z.int('must be a time in milliseconds').min(0, 'must be a time').max(8.64e15, 'must be a time'),
});
const testBody = z.strictObject({ event: z.enum(eventTypes, 'must be an event type').default('expired') });
export type ResendFailedBody = z.input<typeof failedBody>;
export type TestEventBody = z.input<typeof testBody>;
/** `more`: there may be further ones; ask again. */
export type ResentAnswer = { resent: number; more: boolean };
export type TestEventAnswer = RequestAnswer;

export function webhookActRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  resendRoutes(app, deps);
  testRoute(app, deps);
}

function resendRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  const { db, clock } = deps;
  app.post('/users/:userId/webhooks/:id/resend', async (request, reply) => {
    const [userId, id] = [idOf(request, 'userId'), idOf(request, 'id')];
    authorize(request, 'webhooks.resend', userId);
    const delivery = await findDelivery(db, userId, id);
    if (!delivery) throw new DashboardError(404, 'not_found', 'There is nothing here.');
    const [acting, now] = [asVisitor(deps, request), clock.now()];
    const target = invoiceTarget(delivery.invoice_id);
    const queued = await transact(db, async tx => {
      const asked = await askForResend(tx, id, { askedBy: personOf(request).row.id, now });
      const after = { event: delivery.type };
      if (asked === 'queued')
        await note(tx, acting, { userId, action: 'webhook.resend', target, after }, now);
      return asked;
    });
    if (queued === 'stale')
      throw new DashboardError(409, 'stale_event', 'A later event of this invoice has taken its place.');
    return reply.code(202).send({});
  });
  app.post('/users/:userId/merchants/:merchantId/resend-failed', async (request, reply) => {
    const { since } = bodyOf(failedBody, request);
    const { id: merchantId } = await ownMerchant(deps, request, 'webhooks.resend');
    const userId = idOf(request, 'userId');
    const [acting, now] = [asVisitor(deps, request), clock.now()];
    const resent = await transact(db, async tx => {
      const asked = { merchantId, since, limit: MOST_RESENT };
      const count = await askForFailed(tx, asked, { askedBy: personOf(request).row.id, now });
      const entry = { userId, action: 'webhook.resend_failed', target: `merchant ${merchantId}` };
      if (count > 0) await note(tx, acting, { ...entry, after: { since, events: count } }, now);
      return count;
    });
    const answer: ResentAnswer = { resent, more: resent === MOST_RESENT };
    return reply.send(answer);
  });
}

function testRoute(app: FastifyInstance, deps: DashboardDeps): void {
  const { db, clock } = deps;
  const tests = new TokenBuckets(TESTS);
  app.post('/users/:userId/merchants/:merchantId/test-event', async (request, reply) => {
    const { event: type } = bodyOf(testBody, request);
    const merchant = await ownMerchant(deps, request, 'webhooks.resend');
    const url = merchant.webhook_url;
    if (url === null)
      throw new DashboardError(409, 'no_endpoint', 'This merchant has no webhook URL. Set one first.');
    const seconds = tests.take(merchant.id, clock.now());
    if (seconds > 0) throw tooMany(seconds);
    const entry = {
      userId: idOf(request, 'userId'),
      action: 'webhook.test',
      target: `merchant ${merchant.id}`,
    };
    const acting = asVisitor(deps, request);
    await transact(db, tx => note(tx, acting, { ...entry, after: { event: type } }, clock.now()));
    const sent = await sendTestEvent(
      { ...deps, webhookId },
      { merchant, url, type },
      AbortSignal.timeout(TEST_TIMEOUT),
    );
    if (!sent) throw new DashboardError(409, 'no_keys', 'This merchant has no keys to sign with.');
    return reply.send(testAnswer(url, sent));
  });
}
