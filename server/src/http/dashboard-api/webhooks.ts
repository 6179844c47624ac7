/** The log of webhooks of an account, one of its deliveries with every request, and how an endpoint does. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { eventTypes, optInTypes } from '../../domain/invoice.ts';
import { type OwnMerchant, ownMerchants } from '../../store/own-merchants.ts';
import {
  type EndpointHealth,
  endpointHealth,
  findDelivery,
  listDeliveries,
  requestsOf,
  resendsOf,
} from '../../store/webhook-log.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { chosen } from './invoice-query.ts';
import { ownMerchant } from './own-merchant.ts';
import { idParameter, queryOf } from './query.ts';
import { authorize } from './visit.ts';
import { type DeliveryAnswer, deliveryAnswer, deliveryDetail } from './webhook-answers.ts';

const PAGE = 50;
const DAY = 24 * 3_600_000;

const logQuery = z.strictObject({
  merchant: idParameter,
  state: z
    .enum(['open', 'delivered', 'failed'], 'must be open, delivered or failed')
    .nullable()
    .default(null),
  event: z
    .enum([...eventTypes, ...optInTypes], 'must be an event type')
    .nullable()
    .default(null),
  cursor: idParameter,
});

/** `cursor` asks for the next page, null when there is none; a page may be short, even empty, and have a next one. */
export type WebhooksAnswer = {
  deliveries: DeliveryAnswer[];
  cursor: number | null;
  merchants: OwnMerchant[];
};

/** Of the last 24 hours, as far as they are of the newest thousand events. Times in ms. */
export type EndpointAnswer = EndpointHealth & {
  url: string | null;
  /** Headers hold the merchant's private key, because its shop wants that. */
  sends_private_key: boolean;
};

export function webhookRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  const { db, clock } = deps;
  app.get('/users/:userId/webhooks', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'webhooks.read', userId);
    const { merchant, state, event: type, cursor: before } = queryOf(logQuery, request);
    const merchants = await ownMerchants(db, userId);
    const merchantIds = chosen(merchants, merchant ?? undefined);
    const { deliveries, next } = await listDeliveries(db, { merchantIds, state, type, before, limit: PAGE });
    const answer: WebhooksAnswer = { deliveries: deliveries.map(deliveryAnswer), cursor: next, merchants };
    return reply.send(answer);
  });
  app.get('/users/:userId/webhooks/:id', async (request, reply) => {
    const [userId, id] = [idOf(request, 'userId'), idOf(request, 'id')];
    authorize(request, 'webhooks.read', userId);
    const row = await findDelivery(db, userId, id);
    if (!row) throw new DashboardError(404, 'not_found', 'There is nothing here.');
    const requests = await requestsOf(db, id);
    const resends = await resendsOf(db, row.outbox_id);
    return reply.send(deliveryDetail(row, { requests, resends }));
  });
  app.get('/users/:userId/merchants/:merchantId/endpoint', async (request, reply) => {
    const merchant = await ownMerchant(deps, request, 'webhooks.read');
    const answer: EndpointAnswer = {
      ...(await endpointHealth(db, merchant.id, clock.now() - DAY)),
      url: merchant.webhook_url,
      sends_private_key: merchant.auth === 'private-key' && merchant.private_key_header,
    };
    return reply.send(answer);
  });
}
