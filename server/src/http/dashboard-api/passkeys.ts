/** The passkeys of who is signed in: list, add (options, then the authenticator's answer), remove. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { nameField } from '../../commands/people-deps.ts';
import {
  type CreationResponse,
  passkeyCreationOptions,
  registerPasskey,
  removePasskey,
} from '../../commands/register-passkey.ts';
import { passkeysOf } from '../../store/passkeys.ts';
import { bodyOf, idOf } from './body.ts';
import { type DashboardDeps, passkeyDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { doorstepOf, personOf, requireProof } from './visit.ts';

/** What `navigator.credentials.create` gives, as JSON. */
const passkeyBody = z.strictObject({
  name: nameField,
  response: z.object({
    id: z.string().min(1).max(1400),
    rawId: z.string().max(1400),
    type: z.literal('public-key'),
    response: z.object({
      clientDataJSON: z.string().max(8192),
      attestationObject: z.string().max(20_000),
      transports: z.array(z.string().max(32)).max(10).optional(),
    }),
    clientExtensionResults: z.looseObject({}).default({}),
  }),
});

/** Times in ms. */
export type PasskeysAnswer = {
  passkeys: { id: number; name: string; created_at: number; last_used_at: number | null }[];
};
export type PasskeyAddedAnswer = { id: number; recovery_codes: string[] | null };

export function passkeyRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/passkeys', async (request, reply) => {
    const rows = await passkeysOf(deps.db, personOf(request).row.id);
    const answer: PasskeysAnswer = {
      passkeys: rows.map(({ id, name, created_at, last_used_at }) => ({
        id,
        name,
        created_at,
        last_used_at,
      })),
    };
    return reply.send(answer);
  });
  app.post('/passkeys/options', async (request, reply) => {
    requireProof(request);
    return reply.send(accepted(await passkeyCreationOptions(passkeyDeps(deps), personOf(request).session)));
  });
  app.post('/passkeys', async (request, reply) => {
    const { name, response } = bodyOf(passkeyBody, request);
    requireProof(request);
    const { session } = personOf(request);
    const { visitor } = doorstepOf(request, deps);
    const adding = { session, name, response: response as CreationResponse, visitor };
    const { id, recoveryCodes } = accepted(await registerPasskey(passkeyDeps(deps), adding));
    const answer: PasskeyAddedAnswer = { id, recovery_codes: recoveryCodes };
    return reply.send(answer);
  });
  app.delete('/passkeys/:id', async (request, reply) => {
    requireProof(request);
    const personId = personOf(request).row.id;
    const { visitor } = doorstepOf(request, deps);
    accepted(await removePasskey(deps, { personId, visitor, id: idOf(request, 'id') }));
    return reply.code(204).send();
  });
}
