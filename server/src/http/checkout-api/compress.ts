/** The page and what it loads go compressed to whoever takes that: payers' lines are slow, and no proxy need stand before us. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

const compressed = promisify(gzip);

/** What fits into one packet is there no sooner for being smaller. */
const LEAST = 1400;

/** Compresses text. An entity tag names the very bytes that are sent, so an answer that has one is left as it is. */
export function compressText(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < LEAST || reply.hasHeader('etag')) return payload;
    reply.header('vary', 'accept-encoding');
    if (!takesGzip(request.headers['accept-encoding'])) return payload;
    reply.header('content-encoding', 'gzip');
    return compressed(payload);
  });
}

/** RFC 9110, 12.5.3: named, and with no weight of 0. What only `*` would allow is not sent. */
function takesGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some(part => {
      const [coding = '', weight = 'q=1'] = part.split(';');
      return coding.trim().toLowerCase() === 'gzip' && Number(weight.split('=')[1]) > 0;
    });
}
