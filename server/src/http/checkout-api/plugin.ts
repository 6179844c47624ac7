/**
 * The payer's page, /payment/{uuid}. The name of a page is all that is asked of who looks at it: it is 128 random bits
 * and goes from the shop to its payer. Every route is registered here, by name.
 */
import type { FastifyInstance } from 'fastify';
import type { Limits } from '../merchant-api/rate-limit.ts';
import { assetsRoute, readAssets } from './assets.ts';
import { type CancelDeps, cancelInvoiceRoute } from './cancel-invoice.ts';
import { type ChooseDeps, chooseMethodRoute } from './choose-method.ts';
import { compressText } from './compress.ts';
import { answerErrors, refuseOtherMethods } from './errors.ts';
import { type EventsDeps, eventsRoute } from './events.ts';
import { addHeaders } from './headers.ts';
import { logosRoute } from './logos.ts';
import { openPageLimits } from './page-limits.ts';
import { receiveForms } from './receive-form.ts';
import { simulateRoute } from './simulate.ts';
import { viewMainRoute } from './view-main.ts';
import { type ViewDeps, viewPageRoute } from './view-page.ts';

export type CheckoutApiDeps = Omit<ViewDeps & EventsDeps & ChooseDeps & CancelDeps, 'pageLimits'> & {
  /** null: payers are not limited either. */
  limits: Limits | null;
};

export async function checkoutApi(app: FastifyInstance, given: CheckoutApiDeps): Promise<void> {
  const deps = { ...given, pageLimits: given.limits && openPageLimits() };
  const { simulate } = given;
  const assets = await readAssets(app);
  addHeaders(app);
  compressText(app);
  answerErrors(app, assets);
  // Whatever is sent along with a question is of no interest.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  assetsRoute(app, assets);
  logosRoute(app, deps);
  viewPageRoute(app, deps, assets);
  viewMainRoute(app, deps);
  eventsRoute(app, deps);
  await app.register(async scope => {
    receiveForms(scope, deps);
    chooseMethodRoute(scope, deps);
    cancelInvoiceRoute(scope, deps);
    if (simulate) simulateRoute(scope, { ...deps, simulate });
  });
  refuseOtherMethods(app, '/assets/:file', 'GET');
  refuseOtherMethods(app, '/logos/:hash', 'GET');
  refuseOtherMethods(app, '/:pageId', 'GET');
  refuseOtherMethods(app, '/:pageId/main', 'GET');
  refuseOtherMethods(app, '/:pageId/events', 'GET');
  refuseOtherMethods(app, '/:pageId/method', 'POST');
  refuseOtherMethods(app, '/:pageId/cancel', 'POST');
  if (simulate) refuseOtherMethods(app, '/:pageId/simulate', 'POST');
}
