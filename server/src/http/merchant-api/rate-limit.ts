/**
 * How much may be asked of one process. A merchant has a bucket of its own. An address that fails to prove who is asking
 * is refused after a while before its keys are looked at; a merchant that has proved itself from there is still let in,
 * since behind a proxy that hides addresses all the world comes from one.
 */
import type { FastifyRequest } from 'fastify';
import { clientNetwork } from '../../lib/client-network.ts';
import { Recent } from '../../lib/recent.ts';
import { type Rate, TokenBuckets } from '../../lib/token-buckets.ts';
import { HttpError } from './envelope.ts';

export type Limits = {
  /** Requests of one merchant. */
  merchant: Rate;
  /** Requests from one address (IPv6: one /64) that did not prove who is asking. */
  failures: Rate;
  /** Transactions that one merchant has looked up on the chain, through the API and in the dashboard together. */
  lookUps: Rate;
};

const REMEMBERED = 60 * 60_000;

export type Limiter = { merchants: TokenBuckets; failures: TokenBuckets; proven: Recent };

export function openLimiter({ merchant, failures }: Limits): Limiter {
  return {
    merchants: new TokenBuckets(merchant),
    failures: new TokenBuckets(failures),
    proven: new Recent(REMEMBERED),
  };
}

/** Where a request is from and whom it says it is from. */
export type Caller = { network: string; publicKey: string };

export function callerOf(request: FastifyRequest, publicKey: string): Caller {
  // A proxy that is trusted may still pass on a header in which something else than an address stands.
  const network = clientNetwork(request.ip) ?? clientNetwork(request.socket.remoteAddress ?? '');
  return { network: network ?? 'nowhere', publicKey };
}

/** Throws the 429 of an address that has failed too often. */
export function admit({ failures, proven }: Limiter, caller: Caller, now: number): void {
  const seconds = failures.wait(caller.network, now);
  if (seconds > 0 && !proven.has(pairOf(caller), now)) throw tooMany(seconds);
}

export function noteFailure({ failures }: Limiter, { network }: Caller, now: number): void {
  failures.take(network, now);
}

/** Throws the 429 of a merchant that asks too much, and counts nothing yet. */
export function admitMerchant({ merchants }: Limiter, merchantId: number, now: number): void {
  const seconds = merchants.wait(merchantId, now);
  if (seconds > 0) throw tooMany(seconds);
}

/** Counts a request of a merchant that has proved itself; throws the 429 of one that asks too much. */
export function spend({ merchants, proven }: Limiter, caller: Caller, merchantId: number, now: number): void {
  proven.add(pairOf(caller), now);
  const seconds = merchants.take(merchantId, now);
  if (seconds > 0) throw tooMany(seconds);
}

/** Throws the 429 of a merchant that has too many transactions looked up: each of them is asked of the operator's providers. */
export function spendLookUp(lookUps: TokenBuckets, merchantId: number, now: number): void {
  const seconds = lookUps.take(merchantId, now);
  if (seconds > 0) throw tooMany(seconds);
}

const pairOf = ({ network, publicKey }: Caller): string => `${network} ${publicKey}`;

function tooMany(seconds: number): HttpError {
  return new HttpError(429, 'Rate limit exceeded.', seconds);
}
