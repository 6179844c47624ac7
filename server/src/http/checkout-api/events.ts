/**
 * GET /payment/{uuid}/events: a stream of server-sent events (WHATWG HTML, "Server-sent events") that says no more than
 * "look again". What there is to see comes from /main alone, so an event that is missed, doubled or late cannot matter.
 */
import type { FastifyInstance } from 'fastify';
import type { Logger } from '../../lib/logger.ts';
import { findStandings } from '../../store/page-standings.ts';
import { HttpError } from '../merchant-api/envelope.ts';
import { requestedPage } from './find-page.ts';
import { networkOf } from './page-limits.ts';
import { isOver, type Moment, tagOf } from './page-tag.ts';
import type { ViewDeps } from './view-page.ts';
import { type StreamLimits, Watchers } from './watchers.ts';

export type EventsDeps = ViewDeps & {
  logger: Logger;
  /** What differs from `STREAMS`. */
  streams?: Partial<StreamLimits>;
};

/** Behind a proxy that hides addresses all payers come from one. Who finds no room looks every four seconds instead. */
const STREAMS: StreamLimits = { perProcess: 5000, perPage: 10, perNetwork: 500 };
const RETRY_SECONDS = 60;

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would keep the events until it has a buffer full of them.
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
  // Nothing else is asked on this connection, and the process does not wait for it when it stops.
  connection: 'close',
};

/** In ms: how long a browser waits before it asks for a stream again that has ended. */
const HELLO = 'retry: 3000\n\n';

export function eventsRoute(app: FastifyInstance, deps: EventsDeps): void {
  const watchers = openWatchers(deps);
  app.addHook('preClose', () => watchers.close());
  app.get('/:pageId/events', { exposeHeadRoute: false }, async (request, reply) => {
    // Asked at once: somebody who has gone meanwhile has no address any more.
    const network = networkOf(request);
    const { page } = await requestedPage(deps, request);
    const standing = (await findStandings(deps.db, [page.id])).get(page.id);
    // The status that tells a browser not to ask again.
    if (!standing || isOver(standing)) return reply.code(204).send();
    const reader = { pageId: page.id, network };
    if (!watchers.hasRoom(reader))
      throw new HttpError(503, 'There are too many open streams. Look at the page instead.', RETRY_SECONDS);
    reply.hijack();
    const { raw: out } = reply;
    if (out.destroyed) return reply;
    out.writeHead(200, HEAD);
    out.write(HELLO);
    watchers.add({ ...reader, out, told: lastTag(request.headers['last-event-id']) });
    return reply;
  });
  app.head('/:pageId/events', async (request, reply) => {
    await requestedPage(deps, request);
    return reply.headers(HEAD).send();
  });
}

function openWatchers({ db, clock, networks, logger, pageLimits, streams }: EventsDeps): Watchers {
  const limits = { ...STREAMS, ...(pageLimits ? {} : { perNetwork: null }), ...streams };
  return new Watchers({
    clock,
    logger,
    limits,
    look: async pageIds => {
      const moment: Moment = { now: clock.now(), networks };
      const found = await findStandings(db, pageIds);
      return new Map(
        Array.from(found, ([id, one]) => [id, { tag: tagOf(one, moment), over: isOver(one) }] as const),
      );
    },
  });
}

/** What the reader says it was told last; it is kept, so only what a tag could be. */
function lastTag(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^[\w-]{1,80}$/.test(header) ? header : null;
}
