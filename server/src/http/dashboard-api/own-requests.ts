/**
 * What changes something must come from our own pages: a browser says where a request is from, and another site can
 * neither forge that nor send JSON without asking first. Bodies are JSON and small.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { rule } from '../../commands/rule.ts';
import { ownOrigins } from '../../lib/relying-party.ts';
import { DashboardError, invalidFields } from './errors.ts';

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
  app.addHook('preValidation', async ({ params, query, body }) => {
    if (withNul(params).length > 0) throw new DashboardError(404, 'not_found', 'There is nothing here.');
    const fields = [...withNul(query), ...withNul(body)];
    if (fields.length > 0)
      throw invalidFields(
        fields.map(field => ({
          field,
          text: 'must not contain the NUL character',
          ...rule('control_characters'),
        })),
      );
  });
}

/**
 * The names of what holds a NUL, however deep it lies. The database has no text with one, so none is stored or searched
 * for; and since a body may be deeper than calls may go, what is still to be looked at stands in a list.
 */
function withNul(value: unknown): string[] {
  const found: string[] = [];
  const left: [name: string, value: unknown][] = [['', value]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [name, one] = next;
    if (typeof one === 'string' && one.includes('\0')) found.push(name);
    if (typeof one === 'object' && one !== null)
      for (const [key, inner] of Object.entries(one))
        left.push([name === '' ? key : `${name}.${key}`, inner]);
  }
  return found;
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
