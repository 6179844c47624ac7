/** The headers of everything below /payment: the page may load from here and talk to here, and may not be framed. */
import type { FastifyInstance } from 'fastify';

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
  'permissions-policy': 'clipboard-write=(self), camera=(), geolocation=(), microphone=(), payment=()',
  // The address of a page is all it takes to see it, so it goes to no other site. Not `no-referrer`: under that a browser
  // says `Origin: null` of the page's own forms (Fetch standard, "append a request Origin header").
  'referrer-policy': 'same-origin',
};

export function addHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(HEADERS);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}
