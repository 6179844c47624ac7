/** Payment links: addresses at which anybody can pay a price that a merchant has set. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { closeLink } from '../../commands/close-link.ts';
import { createLink } from '../../commands/create-link.ts';
import { linkButton } from '../../commands/link-button.ts';
import { formatAmount } from '../../domain/money.ts';
import { merchantOf } from '../../store/merchant-views.ts';
import { findLink, type Link, listLinks } from '../../store/payment-links.ts';
import { NAME } from '../link-page/own-use.ts';
import { bodyOf, idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError, invalidFields } from './errors.ts';
import { asVisitor, checked, ownMerchant } from './own-merchant.ts';
import { authorize } from './visit.ts';

/** Times in ms. */
export type LinkAnswer = {
  id: string;
  merchant_id: number;
  amount: string;
  currency: string;
  description: string;
  back_url: string | null;
  cancel_url: string | null;
  /** null: as often as anybody likes. */
  max_uses: number | null;
  expires_at: number | null;
  created_at: number;
  state: 'open' | 'closed' | 'expired' | 'used_up';
  /** How often it was paid. */
  paid: number;
  url: string;
  /** HTML of a button for a web page. */
  button: string;
};
/** The newest ones, at most 200; `more` where there are more. */
export type LinksAnswer = { links: LinkAnswer[]; more: boolean };

const MOST = 200;

const text = z.string('must be a text').max(3000, 'is too long');
const linkBody = z.strictObject({
  amount: text,
  currency: text,
  description: text,
  back_url: text.nullable().default(null),
  cancel_url: text.nullable().default(null),
  max_uses: z.number('must be a number').nullable().default(null),
  expires_at: z.number('must be a time').nullable().default(null),
});
export type LinkBody = z.input<typeof linkBody>;

export function linkRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/links', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'merchants.read', userId);
    const merchantId = merchantIn(request);
    const links = await listLinks(deps.db, { merchantId, userId, limit: MOST + 1 });
    const answer: LinksAnswer = {
      links: links.slice(0, MOST).map(link => linkAnswer(deps, link)),
      more: links.length > MOST,
    };
    return reply.send(answer);
  });
  app.post('/users/:userId/merchants/:merchantId/links', async (request, reply) => {
    const body = bodyOf(linkBody, request);
    const { id: merchantId } = await ownMerchant(deps, request, 'merchants.edit');
    const { back_url: backUrl, cancel_url: cancelUrl, max_uses: maxUses, expires_at: expiresAt } = body;
    const { amount, currency, description } = body;
    const settings = { amount, currency, description, backUrl, cancelUrl, maxUses, expiresAt };
    const link = checked(await createLink(asVisitor(deps, request), { merchantId, settings }));
    return reply.code(201).send(linkAnswer(deps, { ...link, paid: 0 }));
  });
  app.post('/users/:userId/links/:linkId/close', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'merchants.edit', userId);
    const { linkId } = request.params as { linkId: string };
    const found = NAME.test(linkId) ? await findLink(deps.db, linkId) : null;
    const own = found && (await merchantOf(deps.db, { userId, merchantId: found.merchant.id }));
    if (!own) throw new DashboardError(404, 'not_found', 'There is nothing here.');
    checked(await closeLink(asVisitor(deps, request), linkId));
    return reply.code(204).send();
  });
}

function merchantIn({ query }: FastifyRequest): number | null {
  const { merchant } = query as { merchant?: unknown };
  if (merchant === undefined) return null;
  if (typeof merchant === 'string' && /^[1-9]\d{0,14}$/.test(merchant)) return Number(merchant);
  throw invalidFields([{ field: 'merchant', text: 'must be a positive integer' }]);
}

function linkAnswer({ baseUrl, clock }: DashboardDeps, link: Link & { paid: number }): LinkAnswer {
  const facts = {
    url: `${baseUrl()}/pay/${link.id}`,
    amount: formatAmount(link.amount),
    currency: link.currency,
  };
  return {
    id: link.id,
    merchant_id: link.merchantId,
    description: link.description,
    back_url: link.backUrl,
    cancel_url: link.cancelUrl,
    max_uses: link.maxUses,
    expires_at: link.expiresAt,
    created_at: link.createdAt,
    state: stateOf(link, clock.now()),
    paid: link.paid,
    ...facts,
    button: linkButton(facts),
  };
}

function stateOf(
  { active, expiresAt, maxUses, paid }: Link & { paid: number },
  now: number,
): LinkAnswer['state'] {
  if (!active) return 'closed';
  if (expiresAt !== null && now >= expiresAt) return 'expired';
  return maxUses !== null && paid >= maxUses ? 'used_up' : 'open';
}
