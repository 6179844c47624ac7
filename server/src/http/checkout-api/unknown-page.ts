/** A name nobody has and a name nobody could have are the same: no page, and the page that says so. */
import { notFoundPage } from '@cryptoscan/checkout';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Assets, assetUrls } from './assets.ts';
import { languageOf } from './query.ts';

/** Ends a request for a page that is not there. */
export class PageUnknown extends Error {
  override name = 'PageUnknown';
}

export function sendUnknown(request: FastifyRequest, reply: FastifyReply, assets: Assets): FastifyReply {
  const page = notFoundPage(languageOf(request, null), assetUrls(assets, wayUp(request)));
  return reply.code(404).type('text/html; charset=utf-8').send(page);
}

/** From the path that was asked for to /payment/, as a browser resolves it. */
function wayUp({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?');
  const steps = path.split('/').length - 2;
  return `${'../'.repeat(steps) || './'}payment/`;
}
