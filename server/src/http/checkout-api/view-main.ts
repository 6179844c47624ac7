/**
 * GET /payment/{uuid}/main: what of the page may have changed, for a page that is open and looks again. The time is not
 * in it, so that its tag stays while nothing has happened.
 */
import { createHash } from 'node:crypto';
import { renderMain } from '@cryptoscan/checkout';
import type { FastifyInstance } from 'fastify';
import { HTML, requestedState, type ViewDeps } from './view-page.ts';

export function viewMainRoute(app: FastifyInstance, deps: ViewDeps): void {
  app.get('/:pageId/main', async (request, reply) => {
    const state = await requestedState(deps, request);
    const text = renderMain(state);
    const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
    // By the clock the deadline is kept by, which need not be this machine's: the page corrects its own by it.
    reply.headers({ etag: tag, date: new Date(state.now).toUTCString() });
    if (holds(request.headers['if-none-match'], tag)) return reply.code(304).send();
    return reply.type(HTML).send(text);
  });
}

/** RFC 9110, 13.1.2: any of the tags in the list, compared weakly. */
function holds(header: string | undefined, tag: string): boolean {
  const tags = header?.split(',').map(text => text.trim().replace(/^W\//, ''));
  return tags?.some(one => one === '*' || one === tag) ?? false;
}
