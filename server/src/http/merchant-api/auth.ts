/**
 * Who is asking: the merchant behind the `public-key` header, proved by the private key or by a signature, whichever the
 * merchant's setting demands. Unknown key, bad key and bad signature look and cost the same.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../lib/clock.ts';
import type { Group } from '../../lib/group.ts';
import type { Credentials } from '../../store/merchants.ts';
import type { Nonce } from '../../store/nonces.ts';
import { bodyOf } from './body.ts';
import { HttpError, InvalidRequest } from './envelope.ts';
import {
  admit,
  admitMerchant,
  type Caller,
  callerOf,
  type Limiter,
  noteFailure,
  spend,
} from './rate-limit.ts';
import { ambiguity, bodySignature, sameSecret } from './signature.ts';
import { isTimely, readSignatureV2, signatureV2 } from './signature-v2.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the request is authenticated. */
    merchant: Credentials | null;
  }
}

export type FindCredentials = Group<string, Credentials | null>;

export type AuthDeps = {
  clock: Clock;
  find: FindCredentials;
  /** Whether a nonce was free; it no longer is. */
  claimNonce: Group<Nonce, boolean>;
  /** Hears of every key that was proved; must neither wait nor fail. */
  onProved: (credentials: Credentials) => void;
  limiter: Limiter | null;
};

type Proof = Pick<Credentials, 'auth' | 'publicKey' | 'privateKey' | 'signatureV2'>;

/** Compared with where there is no merchant, so that an unknown key takes as long as a wrong secret. */
const NOBODY: Proof = { publicKey: 'nobody', privateKey: 'nobody', auth: 'signature', signatureV2: 'off' };

/** Compared where there is no such header, for the same reason. */
const NO_SIGNATURE = { time: '0', nonce: '', signature: '' };

export function authenticate(deps: AuthDeps) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const publicKey = header(request, 'public-key');
    const caller = callerOf(request, publicKey ?? '');
    if (deps.limiter) admit(deps.limiter, caller, deps.clock.now());
    const found = publicKey === null ? null : await deps.find(publicKey);
    const byV2 = demandsV2(request, found ?? NOBODY);
    const proved = byV2 ? await provesByV2(deps, request, found) : proves(request, found ?? NOBODY);
    if (!found || !proved) throw unauthorized(deps, caller);
    if (deps.limiter) spend(deps.limiter, caller, found.merchantId, deps.clock.now());
    deps.onProved(found);
    request.merchant = found;
    if (found.auth === 'signature' && !byV2) refuseAmbiguous(request);
  };
}

function unauthorized({ limiter, clock }: AuthDeps, caller: Caller): HttpError {
  if (limiter) noteFailure(limiter, caller, clock.now());
  return new HttpError(401, 'Your request was made with invalid credentials');
}

/** Where version 2 is on, its header counts in place of the others as soon as it is there. */
function demandsV2(request: FastifyRequest, { signatureV2: setting }: Proof): boolean {
  return setting === 'required' || (setting === 'on' && request.headers['signature-v2'] !== undefined);
}

function proves(request: FastifyRequest, { auth, publicKey, privateKey }: Proof): boolean {
  if (auth === 'private-key') return sameSecret(header(request, 'private-key') ?? '', privateKey);
  const expected = bodySignature(bodyOf(request), publicKey, privateKey);
  return sameSecret((header(request, 'signature') ?? '').toLowerCase(), expected);
}

/**
 * The nonce is taken last: only who holds the private key can use one up, and none is where the merchant asks too much, so
 * that the same bytes may be sent again. What is replayed is not counted as the merchant's: it costs only whoever sends it.
 */
async function provesByV2(
  { clock, claimNonce, limiter }: AuthDeps,
  request: FastifyRequest,
  found: Credentials | null,
): Promise<boolean> {
  if (!found) return false;
  const given = readSignatureV2(header(request, 'signature-v2') ?? '') ?? NO_SIGNATURE;
  const { method, rawBody, raw } = request;
  const sent = { method, path: raw.url ?? '', body: rawBody ?? Buffer.alloc(0) };
  if (!sameSecret(given.signature, signatureV2(found.privateKey, sent, given))) return false;
  if (!isTimely(given, clock.now())) return false;
  if (limiter) admitMerchant(limiter, found.merchantId, clock.now());
  return claimNonce({ merchantId: found.merchantId, nonce: given.nonce });
}

/** The legacy signature is the same for two readings of some bodies; such a body is refused although it is signed. */
function refuseAmbiguous(request: FastifyRequest): void {
  const found = ambiguity(bodyOf(request));
  if (found) throw new InvalidRequest({ [found.field]: [found.text] });
}

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The merchant of an authenticated route. */
export function merchantOf(request: FastifyRequest): Credentials {
  if (!request.merchant) throw new Error('the route is not behind authentication');
  return request.merchant;
}
