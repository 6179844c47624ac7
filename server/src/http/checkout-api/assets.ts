/**
 * The style and the scripts of the page, under names that change with what is in them: a browser may keep each for
 * ever, and a page of a new release never meets the script of an old one.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { style } from '@cryptoscan/checkout';
import type { FastifyInstance } from 'fastify';
import { sendText } from './send-text.ts';

type Asset = { name: string; type: string; text: string };
export type Assets = { style: Asset; script: Asset; framed: Asset };

const require = createRequire(import.meta.url);

/** For what never changes under its name: a year, the most that browsers heed. */
export const FOR_EVER = 'public, max-age=31536000, immutable';

export async function readAssets(app: FastifyInstance): Promise<Assets> {
  const [script, framed] = await Promise.all([readBuilt(app, 'island.js'), readBuilt(app, 'framed.js')]);
  return {
    style: named(style, 'css', 'text/css'),
    script: named(script, 'js', 'text/javascript'),
    framed: named(framed, 'js', 'text/javascript'),
  };
}

/** A script runs in the browser as it was built, also where this file is run from its source. Empty where it is not built. */
export async function readBuilt(app: FastifyInstance, name: string): Promise<string> {
  try {
    return await readFile(require.resolve(`@cryptoscan/checkout/${name}`), 'utf8');
  } catch (error) {
    // Nothing on the page needs it.
    app.log.warn(
      { err: error, name },
      'a script of the payment page is not built; the page works without it',
    );
    return '';
  }
}

function named(text: string, extension: string, type: string): Asset {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 16);
  return { name: `page-${hash}.${extension}`, type: `${type}; charset=utf-8`, text };
}

/** Where a page finds them. Relative, so that it holds below any path a proxy may add; `up` leads to /payment/. */
export function assetUrls(assets: Assets, up = './'): Record<keyof Assets, string> {
  const url = ({ name }: Asset) => `${up}assets/${name}`;
  return { style: url(assets.style), script: url(assets.script), framed: url(assets.framed) };
}

export function assetsRoute(app: FastifyInstance, assets: Assets): void {
  app.get<{ Params: { file: string } }>('/assets/:file', (request, reply) => {
    const asset = Object.values(assets).find(({ name }) => name === request.params.file);
    if (!asset) return sendText(reply, 404, 'Page not found.');
    reply.header('cache-control', FOR_EVER);
    return reply.type(asset.type).send(asset.text);
  });
}
