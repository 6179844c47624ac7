/**
 * Who is asking: the merchant behind the `public-key` header, proved by the private key or by a signature, whichever the
 * merchant's setting demands. Unknown key, bad key and bad signature look and cost the same.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Group } from '../../lib/group.ts';
import type { Credentials } from '../../store/merchants.ts';
import { bodyOf } from './body.ts';
import { HttpError, InvalidRequest } from './envelope.ts';
import { ambiguity, bodySignature, sameSecret } from './signature.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the request is authenticated. */
    merchant: Credentials | null;
  }
}

export type FindCredentials = Group<string, Credentials | null>;

/** Compared with where there is no merchant, so that an unknown key takes as long as a wrong secret. */
const NOBODY = { publicKey: 'nobody', privateKey: 'nobody', auth: 'signature' as const };

export function authenticate(find: FindCredentials) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const publicKey = header(request, 'public-key');
    const found = publicKey === null ? null : await find(publicKey);
    const proved = proves(request, found ?? NOBODY);
    if (!found || !proved) throw new HttpError(401, 'Your request was made with invalid credentials');
    request.merchant = found;
    if (found.auth === 'signature') refuseAmbiguous(request);
  };
}

function proves(
  request: FastifyRequest,
  { auth, publicKey, privateKey }: Pick<Credentials, 'auth' | 'publicKey' | 'privateKey'>,
): boolean {
  if (auth === 'private-key') return sameSecret(header(request, 'private-key') ?? '', privateKey);
  const expected = bodySignature(bodyOf(request), publicKey, privateKey);
  return sameSecret((header(request, 'signature') ?? '').toLowerCase(), expected);
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
