/**
 * The description of the merchant API at /openapi.json, and an interactive reference of it at /docs. Everything the page
 * loads comes from here, and the page may talk to nobody else.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { openApiDocument } from './document.ts';
import { PAGE, STYLE } from './page.ts';

const require = createRequire(import.meta.url);

/** Each is looked for when it is asked for: an installation that is not built yet has no client library. */
const FOLDERS = {
  swagger: () => dirname(require.resolve('swagger-ui-dist/package.json')),
  sdk: () => dirname(require.resolve('@cryptoscan/sdk')),
  // Scripts run in the browser as they were built, also where this file is run from its source.
  browser: () => fileURLToPath(new URL('../../../dist/http/openapi/browser/', import.meta.url)),
};

/** Nothing but these files, by the path below /docs. */
const FILES: Record<string, { folder: keyof typeof FOLDERS; name: string }> = {
  'swagger-ui.css': { folder: 'swagger', name: 'swagger-ui.css' },
  'swagger-ui-bundle.js': { folder: 'swagger', name: 'swagger-ui-bundle.js' },
  'favicon.png': { folder: 'swagger', name: 'favicon-32x32.png' },
  'docs-page.js': { folder: 'browser', name: 'docs-page.js' },
  'code-samples-view.js': { folder: 'browser', name: 'code-samples-view.js' },
  'sign-request.js': { folder: 'browser', name: 'sign-request.js' },
  'sdk/php-query.js': { folder: 'sdk', name: 'php-query.js' },
  'sdk/sign.js': { folder: 'sdk', name: 'sign.js' },
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export async function apiReference(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, { root: FOLDERS.swagger(), serve: false });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', POLICY);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
  });
  textRoute(app, '/openapi.json', 'application/json', JSON.stringify(openApiDocument()));
  textRoute(app, '/docs', 'text/html', PAGE);
  textRoute(app, '/docs/docs-page.css', 'text/css', STYLE);
  // Relative, so that it holds below any path a proxy may add.
  app.get('/docs/', (_request, reply) => reply.redirect('../docs'));
  for (const [path, { folder, name }] of Object.entries(FILES))
    app.get(`/docs/${path}`, (_request, reply) => reply.sendFile(name, FOLDERS[folder]()));
}

/** A text that stays the same while the process lives. */
function textRoute(app: FastifyInstance, url: string, type: string, text: string): void {
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  app.get(url, (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type(`${type}; charset=utf-8`).send(text);
  });
}
