/** How much may be asked of the pages of one process: looking at a page is free, guessing names and sending forms is not. */
import type { FastifyRequest } from 'fastify';
import { clientNetwork } from '../../lib/client-network.ts';
import { Recent } from '../../lib/recent.ts';
import { TokenBuckets } from '../../lib/token-buckets.ts';
import { HttpError } from '../merchant-api/envelope.ts';

/** Pages that are not there, asked for from one address (IPv6: one /64). */
const GUESSES = { perSecond: 5, burst: 300 };
/** Forms of one page from one address: behind a proxy that hides addresses, all payers come from one. */
const FORMS = { perSecond: 1 / 6, burst: 10 };
const REMEMBERED = 60 * 60_000;

export type PageLimits = { guesses: TokenBuckets; forms: TokenBuckets; known: Recent };

export function openPageLimits(): PageLimits {
  return {
    guesses: new TokenBuckets(GUESSES),
    forms: new TokenBuckets(FORMS),
    known: new Recent(REMEMBERED),
  };
}

/** A page, and when it was asked for (ms). */
type View = { pageId: string; now: number };

/** Throws the 429 of an address that has guessed too often; a page that was shown lately is no guess. */
export function admitView(limits: PageLimits, request: FastifyRequest, { pageId, now }: View): void {
  if (limits.known.has(pageId, now)) return;
  refuse(limits.guesses.wait(networkOf(request), now));
}

export function noteView(limits: PageLimits, { pageId, now }: View): void {
  limits.known.add(pageId, now);
}

export function noteGuess(limits: PageLimits, request: FastifyRequest, now: number): void {
  limits.guesses.take(networkOf(request), now);
}

/** Throws the 429 of too many forms. */
export function spendForm(limits: PageLimits, request: FastifyRequest, { pageId, now }: View): void {
  refuse(limits.forms.take(`${networkOf(request)} ${pageId}`, now));
}

function refuse(seconds: number): void {
  if (seconds > 0) throw new HttpError(429, `Too many requests. Try again in ${seconds} s.`, seconds);
}

/** Whose request it is, for counting: an address, or the /64 of one. */
export function networkOf(request: FastifyRequest): string {
  // A proxy that is trusted may still pass on a header in which something else than an address stands.
  return clientNetwork(request.ip) ?? clientNetwork(request.socket.remoteAddress ?? '') ?? 'nowhere';
}
