/**
 * GET /embed.js: the script that shops include to open the payment page over their own. Its address is in their pages and
 * stays, so a browser asks again after a while.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { readBuilt } from './checkout-api/assets.ts';

const HEADERS = {
  'cache-control': 'public, max-age=600',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // A shop whose pages are isolated (Cross-Origin-Embedder-Policy) may load it too.
  'cross-origin-resource-policy': 'cross-origin',
};

export async function embedScript(app: FastifyInstance): Promise<void> {
  const script = await readBuilt(app, 'embed.js');
  // Not built: the address is not there, and shops' links stay links.
  if (!script) return;
  const etag = `"${createHash('sha256').update(script).digest('base64url').slice(0, 16)}"`;
  app.get('/embed.js', (request, reply) => {
    reply.headers({ ...HEADERS, etag });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('text/javascript; charset=utf-8').send(script);
  });
}
