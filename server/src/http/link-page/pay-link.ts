/** POST /pay/{link}: makes the invoice and leads to its page. The form holds its token and nothing of the price. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LinkFault, UseLink } from '../../commands/use-link.ts';
import { isClosed } from '../../domain/payment-link.ts';
import type { Group } from '../../lib/group.ts';
import { Overloaded } from '../../lib/group.ts';
import { fail, type Result } from '../../lib/result.ts';
import type { Assets } from '../checkout-api/assets.ts';
import { spendForm } from '../checkout-api/page-limits.ts';
import { fieldOf } from '../checkout-api/receive-form.ts';
import { PageUnknown } from '../checkout-api/unknown-page.ts';
import { HttpError, InvalidRequest } from '../merchant-api/envelope.ts';
import type { AskPrice } from '../merchant-api/price.ts';
import { lead, NAME, ownUse, pageOf, rememberUse } from './own-use.ts';
import { type Found, type LinkDeps, requestedLink, sendLink } from './view-link.ts';

export type PayDeps = LinkDeps & {
  useLink: Group<UseLink, Result<string, LinkFault>>;
  askPrice: AskPrice;
  /** Where payers reach this installation, without a slash at the end. */
  baseUrl: () => string;
  /** 128 random bits in the shape of a UUID. */
  pageId: () => string;
};

const RETRY_SECONDS = 60;

export function payLinkRoute(app: FastifyInstance, deps: PayDeps, assets: Assets): void {
  app.post('/:linkId', async (request, reply) => {
    const found = await requestedLink(deps, request);
    if (deps.pageLimits)
      spendForm(deps.pageLimits, request, { pageId: found.link.id, now: deps.clock.now() });
    const token = fieldOf(request, 'token');
    if (!token || !NAME.test(token))
      throw new HttpError(400, 'The form is not complete. Go back and load the page again.');
    const made = await make(deps, found, token);
    if (made.ok) {
      rememberUse(reply, { id: found.link.id, token, baseUrl: deps.baseUrl() });
      return lead(reply, pageOf(request, made.value));
    }
    const own = isOfLink(made.fault) ? await ownUse(deps, request, found.link.id) : null;
    if (own) return lead(reply, own.page);
    return refuse(request, reply, { found, assets, fault: made.fault });
  });
}

const isOfLink = (fault: LinkFault): boolean => fault.startsWith('link_');

/** Says why there is no invoice; what may be another time can be tried again. */
function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  { found, assets, fault }: { found: Found; assets: Assets; fault: LinkFault },
): FastifyReply {
  if (fault === 'link_closed') throw new PageUnknown('There is no such link');
  if (fault === 'link_paid') return sendLink(request, reply.code(409), { found, assets, standing: 'paid' });
  reply.code(503).header('retry-after', RETRY_SECONDS);
  if (fault === 'link_underway') return sendLink(request, reply, { found, assets, standing: 'underway' });
  if (fault === 'wallet_integrity')
    request.log.error({ merchant: found.merchant.id }, 'a wallet is not as it was registered');
  const notice = fault === 'link_busy' || fault === 'no_free_amount' ? 'busy' : 'unavailable';
  return sendLink(request, reply, { found, assets, notice });
}

async function make(deps: PayDeps, found: Found, token: string): Promise<Result<string, LinkFault>> {
  try {
    // A link that is closed has no price.
    if (isClosed(found.link, deps.clock.now())) return fail('link_closed');
    const create = await invoiceOf(deps, found);
    return await deps.useLink({ linkId: found.link.id, token, create });
  } catch (error) {
    if (error instanceof Overloaded) return fail('link_busy');
    // The price of the link, which the payer cannot change, cannot be had in dollars or coins now.
    if (error instanceof InvalidRequest) return fail('no_wallet');
    throw error;
  }
}

async function invoiceOf(deps: PayDeps, { link, merchant }: Found): Promise<UseLink['create']> {
  const { id, compat, paymentMinutes } = merchant;
  const { amount, currency } = link;
  const { requested, source, rate } = await deps.askPrice({ amount, currency, payerChooses: !compat });
  return {
    merchant: { id, compat, paymentMinutes },
    requested,
    source,
    rate,
    clientReferenceId: `link-${link.id.slice(0, 8)}-${randomBytes(12).toString('base64url')}`,
    metadata: `payment link ${link.id}`,
    // As for a widget: "USDT TRC-20 receive only" leaves nothing to choose.
    method: compat ? { network: 'TRC-20', asset: 'USDT' } : null,
    page: {
      id: deps.pageId(),
      description: link.description,
      backUrl: link.backUrl,
      cancelUrl: link.cancelUrl,
      lang: null,
    },
  };
}
