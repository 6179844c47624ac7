/** GET /pay/{link}. */
import { randomBytes } from 'node:crypto';
import { type LinkNotice, type LinkState, renderLink } from '@cryptoscan/checkout';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatAmount } from '../../domain/money.ts';
import { linkStanding } from '../../domain/payment-link.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Db } from '../../store/db.ts';
import { findLink, type Link, type LinkMerchant, linkUses } from '../../store/payment-links.ts';
import { type Assets, assetUrls } from '../checkout-api/assets.ts';
import { allowFraming } from '../checkout-api/headers.ts';
import { admitView, noteGuess, noteView, type PageLimits } from '../checkout-api/page-limits.ts';
import { languageOf } from '../checkout-api/query.ts';
import { PageUnknown } from '../checkout-api/unknown-page.ts';
import { HTML } from '../checkout-api/view-page.ts';

export type LinkDeps = {
  db: Db;
  clock: Clock;
  /** null: as much as one likes. */
  pageLimits: PageLimits | null;
};

/** 128 bits in base64url: the ids of links and the tokens of forms. */
export const NAME = /^[A-Za-z0-9_-]{22}$/;

export type Found = { link: Link; merchant: LinkMerchant };

export function viewLinkRoute(app: FastifyInstance, deps: LinkDeps, assets: Assets): void {
  app.get('/:linkId', async (request, reply) => {
    const found = await requestedLink(deps, request);
    // What has been paid as often as it may be is over, like what was closed; whether it is busy the form tells.
    if (found.link.maxUses !== null) await refuseClosed(deps, found.link);
    return sendLink(request, reply, { found, assets, notice: null });
  });
}

/** Throws PageUnknown for a link that is not there or closed, or the 429 of an address that has guessed too often. */
export async function requestedLink(deps: LinkDeps, request: FastifyRequest): Promise<Found> {
  const { db, clock, pageLimits } = deps;
  const { linkId: pageId } = request.params as { linkId: string };
  const now = clock.now();
  if (pageLimits) admitView(pageLimits, request, { pageId, now });
  const found = NAME.test(pageId) ? await findLink(db, pageId) : null;
  if (!found && pageLimits) noteGuess(pageLimits, request, now);
  if (!found || linkStanding(found.link, { open: 0, holding: 0, paid: 0 }, now) === 'closed')
    throw new PageUnknown('There is no such link');
  if (pageLimits) noteView(pageLimits, { pageId, now });
  return found;
}

async function refuseClosed({ db, clock }: LinkDeps, link: Link): Promise<void> {
  const now = clock.now();
  if (linkStanding(link, await linkUses(db, link, now), now) === 'closed')
    throw new PageUnknown('There is no such link');
}

/** The page, with a form that has not been sent yet. */
export function sendLink(
  request: FastifyRequest,
  reply: FastifyReply,
  { found, assets, notice }: { found: Found; assets: Assets; notice: LinkNotice | null },
): FastifyReply {
  const { link, merchant } = found;
  const state: LinkState = {
    linkId: link.id,
    language: languageOf(request, null, merchant.language),
    merchant: { name: merchant.name },
    description: link.description,
    price: { amount: formatAmount(link.amount), currency: link.currency },
    token: randomBytes(16).toString('base64url'),
    notice,
  };
  allowFraming(reply, merchant.origins);
  return reply.type(HTML).send(renderLink(state, assetUrls(assets, '../payment/')));
}
