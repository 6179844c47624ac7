/**
 * GET /payment/logos/{hash}: a merchant's picture, under the hash of its bytes. It is only ever a picture: of the type it
 * was read as, in a sandbox if it is opened by itself.
 */
import type { FastifyInstance } from 'fastify';
import type { Db } from '../../store/db.ts';
import { findLogo } from '../../store/logos.ts';
import { FOR_EVER } from './assets.ts';
import { sendText } from './send-text.ts';

const HASH = /^[0-9a-f]{64}$/;
const POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

export function logosRoute(app: FastifyInstance, { db }: { db: Db }): void {
  app.get<{ Params: { hash: string } }>('/logos/:hash', async (request, reply) => {
    const { hash } = request.params;
    const logo = HASH.test(hash) ? await findLogo(db, hash) : null;
    if (!logo) return sendText(reply, 404, 'Page not found.');
    reply.headers({
      'cache-control': FOR_EVER,
      'content-security-policy': POLICY,
      'x-frame-options': 'DENY',
    });
    return reply.type(logo.type).send(logo.bytes);
  });
}
