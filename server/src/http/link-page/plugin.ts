/**
 * The page of a payment link, /pay/{link}: what is paid for, to whom, and one button. Looking at it creates nothing, since
 * programs that preview links look at it too; the button makes an invoice, at its own page below /payment.
 */
import type { FastifyInstance } from 'fastify';
import { readAssets } from '../checkout-api/assets.ts';
import { answerErrors, refuseOtherMethods } from '../checkout-api/errors.ts';
import { addHeaders } from '../checkout-api/headers.ts';
import { openPageLimits } from '../checkout-api/page-limits.ts';
import { receiveForms } from '../checkout-api/receive-form.ts';
import type { Limits } from '../merchant-api/rate-limit.ts';
import { readCookies } from './own-use.ts';
import { type PayDeps, payLinkRoute } from './pay-link.ts';
import { viewLinkRoute } from './view-link.ts';

export type LinkPageDeps = Omit<PayDeps, 'pageLimits'> & {
  /** null: payers are not limited either. */
  limits: Limits | null;
};

export async function linkPage(app: FastifyInstance, given: LinkPageDeps): Promise<void> {
  const deps = { ...given, pageLimits: given.limits && openPageLimits() };
  const assets = await readAssets(app);
  addHeaders(app);
  answerErrors(app, assets);
  await readCookies(app);
  // Whatever is sent along with a question is of no interest.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  viewLinkRoute(app, deps, assets);
  await app.register(async scope => {
    receiveForms(scope, deps);
    payLinkRoute(scope, deps, assets);
  });
  refuseOtherMethods(app, '/:linkId', 'GET', 'POST');
}
