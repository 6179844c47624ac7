/**
 * How much one address may try of what proves who somebody is. It only stops a flood: the limits that count are those of
 * each person, in the database; and behind a proxy that hides addresses all the world comes from one.
 */
import type { FastifyRequest } from 'fastify';
import { clientNetwork } from '../../lib/client-network.ts';
import { hashToken } from '../../lib/secret-token.ts';
import { TokenBuckets } from '../../lib/token-buckets.ts';
import { isDevice } from '../../store/sessions.ts';
import { cookieOf } from './cookies.ts';
import type { DashboardDeps } from './deps.ts';
import { tooMany } from './errors.ts';

const TRIES = { perSecond: 1 / 3, burst: 100 };

export function openAddressLimits(): TokenBuckets {
  return new TokenBuckets(TRIES);
}

/**
 * Throws the 429 of an address that has tried too often. A browser that somebody has signed in with counts by itself, so
 * that whoever floods from the same address cannot keep it out.
 */
export async function spendTry(deps: DashboardDeps, request: FastifyRequest): Promise<void> {
  const { addressLimits, db, clock, baseUrl } = deps;
  if (!addressLimits) return;
  const device = cookieOf(request, 'device', baseUrl());
  const isKnown = device !== null && (await isDevice(db, hashToken(device)));
  const seconds = addressLimits.take(isKnown ? `device ${device}` : networkOf(request), clock.now());
  if (seconds > 0) throw tooMany(seconds);
}

/** The address a request is from, as it is shown and written down. */
export function addressOf(request: FastifyRequest): string {
  // A proxy that is trusted may still pass on a header in which something else than an address stands.
  return clientNetwork(request.ip) === null ? (request.socket.remoteAddress ?? 'unknown') : request.ip;
}

function networkOf(request: FastifyRequest): string {
  return clientNetwork(request.ip) ?? clientNetwork(request.socket.remoteAddress ?? '') ?? 'nowhere';
}
