/**
 * A form counts only when it comes from our own page. There is no session that another site could ride on, but a page
 * whose address has leaked should not be answered by whatever else its payer's browser shows.
 */
import type { FastifyRequest } from 'fastify';

/**
 * Whether a POST may come from our page at `baseUrl`. `Sec-Fetch-Site` is the browser's own word and settles it; where a
 * browser does not give it (to plain http, for one), `Origin` does. A request with neither is from no browser.
 */
export function isFromOwnPage({ headers }: Pick<FastifyRequest, 'headers'>, baseUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  return origin === undefined || origin === new URL(baseUrl).origin;
}
