/**
 * The merchant API, /api/v1: the documented contract. Every route is registered here, by name. A request passes, in
 * this order: its size (413) and its kind (415), the reading of the body (400), who asks (429, 401), how much the
 * merchant asks (429), what its signature cannot vouch for (400), the form of the answer (406, 400), what its idempotency
 * key was answered before, and then its route.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OperatorTerms } from '../../domain/commission.ts';
import type { Clock } from '../../lib/clock.ts';
import { group } from '../../lib/group.ts';
import type { TokenBuckets } from '../../lib/token-buckets.ts';
import type { Vault } from '../../lib/vault.ts';
import type { RateBook } from '../../rates/rate-book.ts';
import { type Db, isUnavailable } from '../../store/db.ts';
import { claimNonces, type Nonce } from '../../store/nonces.ts';
import { authenticate, type FindCredentials } from './auth.ts';
import { readBodies } from './body.ts';
import { type ConfirmOne, confirmInvoiceRoute } from './confirm-invoice.ts';
import { createInvoiceRoute } from './create-invoice.ts';
import { createWidgetRoute, type WidgetDeps } from './create-widget.ts';
import { currencyRateRoutes } from './currency-rate.ts';
import { HttpError, InvalidRequest } from './envelope.ts';
import { answerErrors, refuseOtherMethods } from './errors.ts';
import { formatOf } from './format.ts';
import { answerOnce, claimBefore, createOnce } from './idempotency.ts';
import { noteUse } from './key-use.ts';
import { type Limits, openLimiter } from './rate-limit.ts';
import { searchInvoicesRoute } from './search-invoices.ts';
import { viewInvoiceRoute } from './view-invoice.ts';
import { viewUserRoute } from './view-user.ts';

/** `createInvoice`, `askPrice`, `baseUrl` and `pageId` are said in WidgetDeps. */
export type MerchantApiDeps = WidgetDeps & {
  db: Db;
  vault: Vault;
  clock: Clock;
  findCredentials: FindCredentials;
  confirmInvoice: ConfirmOne;
  /** The rates this process knows. */
  book: RateBook;
  /** How much one merchant and one address may ask; null: as much as they like. */
  limits: Limits | null;
  /** What each merchant may have looked up on the chain, wherever it asks for it; null: as much as it likes. */
  lookUps: TokenBuckets | null;
  /** The operator's, for users without terms of their own. */
  terms?: OperatorTerms | undefined;
};

const NONCES = { max: 256, runs: 2, limit: 10_000, isolate: (error: unknown) => !isUnavailable(error) };

export async function merchantApi(app: FastifyInstance, deps: MerchantApiDeps): Promise<void> {
  const { db, clock } = deps;
  readBodies(app);
  answerErrors(app);
  app.decorateRequest('merchant', null);
  // Before validation and after the body is read: an answer tells nothing to somebody who did not say who he is.
  const auth = {
    clock,
    find: deps.findCredentials,
    claimNonce: group((nonces: Nonce[]) => claimNonces(db, nonces, clock.now()), NONCES),
    onProved: noteUse(app, deps),
    limiter: deps.limits && openLimiter(deps.limits),
  };
  app.addHook('preValidation', authenticate(auth));
  app.addHook('preValidation', async request => refuseFormat(request));
  await app.register(async scope => changingRoutes(scope, deps));
  searchInvoicesRoute(app, deps);
  viewInvoiceRoute(app, deps);
  viewUserRoute(app, deps);
  currencyRateRoutes(app, deps);
  refuseOtherMethods(app, '/invoice', ['GET', 'POST']);
  refuseOtherMethods(app, '/invoice/widget', ['POST']);
  refuseOtherMethods(app, '/invoice/confirm/:id', ['PUT']);
  refuseOtherMethods(app, '/invoice/:id', ['GET']);
  refuseOtherMethods(app, '/user', ['GET']);
  refuseOtherMethods(app, '/currency-rate', ['GET']);
  refuseOtherMethods(app, '/currency-rate/:code/status', ['GET']);
}

/** What may be asked again under an idempotency key. */
async function changingRoutes(app: FastifyInstance, deps: MerchantApiDeps): Promise<void> {
  answerOnce(app, deps);
  const once = { ...deps, createInvoice: createOnce(deps, deps.createInvoice) };
  createInvoiceRoute(app, once);
  createWidgetRoute(app, once);
  await app.register(async scope => {
    claimBefore(scope, deps);
    confirmInvoiceRoute(scope, deps);
  });
}

/** An error is written in the form that can be given. */
function refuseFormat(request: FastifyRequest): void {
  const { fault } = formatOf(request);
  if (fault === 'doubled') throw new InvalidRequest({ _format: ['Format must be given once, as a text.'] });
  if (fault === 'unknown') throw new HttpError(406, 'The requested response format is not supported.');
  if (fault) throw new HttpError(406, 'None of your requested content types is supported.');
}
