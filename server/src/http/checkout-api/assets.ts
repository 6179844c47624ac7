/**
 * The style and the script of the page, under names that change with what is in them: a browser may keep either for
 * ever, and a page of a new release never meets the script of an old one.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { style } from '@cryptoscan/checkout';
import type { FastifyInstance } from 'fastify';
import { sendText } from './send-text.ts';

type Asset = { name: string; type: string; text: string };
export type Assets = { style: Asset; script: Asset };

const require = createRequire(import.meta.url);
const YEAR = 31_536_000;

export async function readAssets(app: FastifyInstance): Promise<Assets> {
  const script = await readScript(app);
  return { style: named(style, 'css', 'text/css'), script: named(script, 'js', 'text/javascript') };
}

/** Scripts run in the browser as they were built, also where this file is run from its source. */
async function readScript(app: FastifyInstance): Promise<string> {
  try {
    return await readFile(require.resolve('@cryptoscan/checkout/island.js'), 'utf8');
  } catch (error) {
    // Nothing on the page needs it.
    app.log.warn({ err: error }, 'the script of the payment page is not built; the page works without it');
    return '';
  }
}

function named(text: string, extension: string, type: string): Asset {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 16);
  return { name: `page-${hash}.${extension}`, type: `${type}; charset=utf-8`, text };
}

/** Where a page finds them. Relative, so that it holds below any path a proxy may add; `up` leads to /payment/. */
export function assetUrls({ style, script }: Assets, up = './'): { style: string; script: string } {
  return { style: `${up}assets/${style.name}`, script: `${up}assets/${script.name}` };
}

export function assetsRoute(app: FastifyInstance, { style, script }: Assets): void {
  app.get<{ Params: { file: string } }>('/assets/:file', (request, reply) => {
    const asset = [style, script].find(({ name }) => name === request.params.file);
    if (!asset) return sendText(reply, 404, 'Page not found.');
    reply.header('cache-control', `public, max-age=${YEAR}, immutable`);
    return reply.type(asset.type).send(asset.text);
  });
}
