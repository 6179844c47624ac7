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
import { lead, NAME, ownUse } from './own-use.ts';

export type LinkDeps = {
  db: Db;
  clock: Clock;
  /** null: as much as one likes. */
  pageLimits: PageLimits | null;
};

export type Found = { link: Link; merchant: LinkMerchant };

export function viewLinkRoute(app: FastifyInstance, deps: LinkDeps, assets: Assets): void {
  app.get('/:linkId', async (request, reply) => {
    const found = await requestedLink(deps, request);
    const standing = await standingOf(deps, found.link);
    const own = await ownUse(deps, request, found.link.id);
    // Who has paid by a link that may be paid again may want to do so.
    if (own && (standing !== 'open' || !own.isOver)) return lead(reply, own.page);
    if (standing === 'closed') throw new PageUnknown('There is no such link');
    return sendLink(request, reply, { found, assets, standing, earlier: own?.page ?? null });
  });
}

/** A link that may be closed. Throws PageUnknown for one that is not there, or the 429 of an address that has guessed too often. */
export async function requestedLink(deps: LinkDeps, request: FastifyRequest): Promise<Found> {
  const { db, clock, pageLimits } = deps;
  const { linkId: pageId } = request.params as { linkId: string };
  const now = clock.now();
  if (pageLimits) admitView(pageLimits, request, { pageId, now });
  const found = NAME.test(pageId) ? await findLink(db, pageId) : null;
  if (!found) {
    if (pageLimits) noteGuess(pageLimits, request, now);
    throw new PageUnknown('There is no such link');
  }
  if (pageLimits) noteView(pageLimits, { pageId, now });
  return found;
}

/** Whether a link without a limit is busy is told by the form alone: nothing of it need be counted to look at it. */
async function standingOf({ db, clock }: LinkDeps, link: Link): Promise<LinkState['standing'] | 'closed'> {
  const now = clock.now();
  const uses = link.maxUses === null ? NO_USES : await linkUses(db, link, now);
  const standing = linkStanding(link, uses, now);
  return standing === 'busy' ? 'open' : standing;
}

const NO_USES = { open: 0, holding: 0, paid: 0 };

type Shown = {
  found: Found;
  assets: Assets;
  standing?: LinkState['standing'];
  earlier?: string | null;
  notice?: LinkNotice | null;
};

/** The page; while the link is open, with a form that has not been sent yet. */
export function sendLink(
  request: FastifyRequest,
  reply: FastifyReply,
  { found, assets, standing = 'open', earlier = null, notice = null }: Shown,
): FastifyReply {
  const { link, merchant } = found;
  const state: LinkState = {
    linkId: link.id,
    language: languageOf(request, null, merchant.language),
    merchant: { name: merchant.name },
    description: link.description,
    price: { amount: formatAmount(link.amount), currency: link.currency },
    standing,
    earlier,
    token: randomBytes(16).toString('base64url'),
    notice,
  };
  allowFraming(reply, merchant.origins);
  return reply.type(HTML).send(renderLink(state, assetUrls(assets, '../payment/')));
}
