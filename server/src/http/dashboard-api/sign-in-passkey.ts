/** Signing in with a passkey: alone, or as the second half after a password. The options come first. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  passkeyRequestOptions,
  type RequestResponse,
  signInWithPasskey,
} from '../../commands/sign-in-with-passkey.ts';
import { spendTry } from './address-limits.ts';
import { bodyOf } from './body.ts';
import { type DashboardDeps, passkeyDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { doorstepOf, handOver } from './visit.ts';

const bytes = z.string().max(8192);

/** What `navigator.credentials.get` gives, as JSON. */
const assertionBody = z.strictObject({
  response: z.object({
    id: z.string().min(1).max(1400),
    rawId: z.string().max(1400),
    type: z.literal('public-key'),
    response: z.object({
      clientDataJSON: bytes,
      authenticatorData: bytes,
      signature: bytes,
      userHandle: bytes.optional(),
    }),
    clientExtensionResults: z.looseObject({}).default({}),
  }),
});

export function signInPasskeyRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/sign-in/passkey/options', async (request, reply) => {
    await spendTry(deps, request);
    return reply.send(accepted(await passkeyRequestOptions(passkeyDeps(deps), halfOf(request))));
  });
  app.post('/sign-in/passkey', async (request, reply) => {
    const response = assertionOf(request);
    await spendTry(deps, request);
    const arriving = { session: halfOf(request), response, doorstep: doorstepOf(request, deps) };
    handOver(reply, accepted(await signInWithPasskey(passkeyDeps(deps), arriving)), deps);
    return reply.send({ stage: 'full' });
  });
}

/** The authenticator's answer, in the form the verifier reads. */
export function assertionOf(request: FastifyRequest): RequestResponse {
  return bodyOf(assertionBody, request).response as RequestResponse;
}

/** The session that waits for its second half; null for who comes with nothing. */
function halfOf({ visit }: FastifyRequest) {
  return visit?.stage === 'second_factor' ? visit : null;
}
