/** The HTTP server: which plugin answers where, and the limits every request is under. */
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from '../lib/logger.ts';
import { TokenBuckets } from '../lib/token-buckets.ts';
import { type CheckoutApiDeps, checkoutApi } from './checkout-api/plugin.ts';
import { type DashboardApiDeps, dashboardApi } from './dashboard-api/plugin.ts';
import { type DashboardFilesDeps, dashboardFiles } from './dashboard-files.ts';
import { embedScript } from './embed-script.ts';
import { type HealthDeps, healthRoutes } from './health.ts';
import { type LinkPageDeps, linkPage } from './link-page/plugin.ts';
import { sendError } from './merchant-api/envelope.ts';
import { type MerchantApiDeps, merchantApi } from './merchant-api/plugin.ts';
import type { Served } from './metrics.ts';
import { apiReference } from './openapi/plugin.ts';

export type HttpDeps = Omit<MerchantApiDeps, 'lookUps'> &
  CheckoutApiDeps &
  LinkPageDeps &
  DashboardFilesDeps &
  HealthDeps & {
    logger: Logger;
    /** Addresses of proxies whose X-Forwarded-For is believed. */
    trustedProxies: readonly string[];
    /** Told of every answer. */
    onServed?: ((served: Served) => void) | undefined;
    /** What people sign in with; without it nobody signs in. */
    people?: Pick<
      DashboardApiDeps,
      | 'registration'
      | 'mail'
      | 'randomBytes'
      | 'allow'
      | 'hold'
      | 'topUp'
      | 'createByHand'
      | 'acceptPart'
      | 'post'
      | 'exports'
    >;
  };

const BODY_LIMIT = 64 * 1024;
const REQUEST_TIMEOUT = 30_000;

export async function buildServer(given: HttpDeps): Promise<FastifyInstance> {
  // One for both ways in: whoever is refused by the API is not let in by the dashboard.
  const deps = { ...given, lookUps: given.limits && new TokenBuckets(given.limits.lookUps) };
  const app = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: 'idle',
    // What the router itself refuses, a path that is not valid text or a part longer than any id, is no page either.
    frameworkErrors: (_error, _request, reply) => {
      sendError(reply, 404, 'Page not found.');
    },
  });
  // The vendor's client sends its GET requests with the body `[]`, and the signature is over it.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  const { onServed } = deps;
  if (onServed)
    app.addHook('onResponse', (request, reply, done) => {
      const { method, routeOptions } = request;
      const seconds = reply.elapsedTime / 1000;
      onServed({ method, route: routeOptions.url ?? 'none', status: reply.statusCode, seconds });
      done();
    });
  await app.register(healthRoutes, deps);
  await app.register(merchantApi, { ...deps, prefix: '/api/v1' });
  await app.register(checkoutApi, { ...deps, prefix: '/payment' });
  await app.register(linkPage, { ...deps, prefix: '/pay' });
  await app.register(embedScript);
  await app.register(apiReference);
  if (deps.people) await app.register(dashboardApi, { ...deps, ...deps.people, prefix: '/dashboard/api' });
  await app.register(dashboardFiles, { ...deps, prefix: '/dashboard' });
  return app;
}
