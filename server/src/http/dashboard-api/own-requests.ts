/**
 * What changes something must come from our own pages: a browser says where a request is from, and another site can
 * neither forge that nor send JSON without asking first. Bodies are JSON and small.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ownOrigins } from '../../lib/relying-party.ts';
import { DashboardError } from './errors.ts';

const BODY_LIMIT = 32 * 1024;
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export function takeOwnRequests(app: FastifyInstance, { baseUrl }: { baseUrl: () => string }): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    app.getDefaultJsonParser('error', 'error'),
  );
  app.addHook('onRequest', async request => {
    if (SAFE.has(request.method)) return;
    if (!isOwn(request, baseUrl()))
      throw new DashboardError(403, 'foreign_request', 'This request was sent from another site.');
    if (request.method !== 'DELETE' && !isJson(request))
      throw new DashboardError(415, 'not_json', 'Only application/json can be sent here.');
  });
}

/** `Sec-Fetch-Site` is the browser's own word; where it is not given, `Origin` must be ours. One of them must be there. */
function isOwn({ headers }: FastifyRequest, baseUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin !== undefined && ownOrigins(baseUrl).includes(headers.origin);
}

function isJson({ headers }: FastifyRequest): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}
