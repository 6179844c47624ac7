/**
 * The headers of everything below /payment: the page may load from here and talk to here, and may be framed by the pages
 * its merchant named, or by none.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';

const SOURCES = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
];

const policy = (ancestors: string) => [...SOURCES, `frame-ancestors ${ancestors}`].join('; ');

const SEALED = {
  'content-security-policy': policy("'none'"),
  // For browsers older than `frame-ancestors`, before which all others pass over it. It cannot name origins.
  'x-frame-options': 'DENY',
};

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
  'permissions-policy': 'clipboard-write=(self), camera=(), geolocation=(), microphone=(), payment=()',
  // The address of a page is all it takes to see it, so it goes to no other site. Not `no-referrer`: under that a browser
  // says `Origin: null` of the page's own forms (Fetch standard, "append a request Origin header").
  'referrer-policy': 'same-origin',
};

/** A route that sets a policy of its own keeps it; all others may not be framed. */
export function addHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('content-security-policy')) reply.headers(SEALED);
    reply.headers(HEADERS);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

/** Lets pages of these origins show the answer in a frame; they must be plain origins (lib/web-origin.ts). */
export function allowFraming(reply: FastifyReply, origins: readonly string[]): void {
  if (origins.length > 0) reply.header('content-security-policy', policy(origins.join(' ')));
}
