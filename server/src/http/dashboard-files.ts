/**
 * The dashboard's app as it was built: its files below /dashboard, and its one page for every other address there, since
 * the app itself reads the address. The data it shows comes from dashboard-api.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

export type DashboardFilesDeps = {
  /** Where payers and people reach this installation; its path comes before /dashboard. */
  baseUrl: () => string;
};

const require = createRequire(import.meta.url);
const YEAR = 31_536_000;

/** Some parts of the app write styles while it runs; each page has a nonce for them that nobody else knows. */
const policy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

export async function dashboardFiles(app: FastifyInstance, { baseUrl }: DashboardFilesDeps): Promise<void> {
  const folder = join(dirname(require.resolve('@cryptoscan/dashboard/package.json')), 'dist');
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch((error: unknown) => {
    app.log.warn({ err: error }, 'the dashboard is not built; everything else works without it');
    return null;
  });
  if (page === null) return;
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: reply => {
      reply.setHeader('cache-control', `public, max-age=${YEAR}, immutable`);
      reply.setHeader('x-content-type-options', 'nosniff');
      reply.setHeader('vary', 'accept-encoding');
    },
  });
  app.get('/icon.svg', (_request, reply) => reply.sendFile('icon.svg', folder));
  app.get('', (_request, reply) => reply.redirect(`${pathOf(baseUrl())}/dashboard/`));
  app.get('/*', (_request, reply) => {
    const nonce = randomBytes(16).toString('base64');
    reply.headers({
      'content-security-policy': policy(nonce),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy':
        'clipboard-write=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)',
      'cache-control': 'no-store',
    });
    return reply.type('text/html; charset=utf-8').send(pageFor(page, pathOf(baseUrl()), nonce));
  });
}

/** The page with the addresses of this installation: it may stand below a path that a proxy adds. */
function pageFor(page: string, path: string, nonce: string): string {
  return page
    .replace('href="/dashboard/"', `href="${path}/dashboard/"`)
    .replace('nonce=""', `nonce="${nonce}"`);
}

/** The path that comes before ours, without a slash at its end. */
const pathOf = (baseUrl: string): string => new URL(baseUrl).pathname.replace(/\/$/, '');
