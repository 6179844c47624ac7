/** A fresh proof for what asks for one: POST /step-up with password and code, or /step-up/passkey. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { enteredPassword } from '../../commands/people-deps.ts';
import { passkeyRequestOptions, stepUpWithPasskey } from '../../commands/sign-in-with-passkey.ts';
import { stepUp } from '../../commands/step-up.ts';
import { spendTry } from './address-limits.ts';
import { bodyOf, shortText } from './body.ts';
import { type DashboardDeps, passkeyDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { assertionOf } from './sign-in-passkey.ts';
import { doorstepOf, handOver, personOf } from './visit.ts';

const stepUpBody = z.strictObject({
  password: enteredPassword,
  code: shortText.nullable().default(null),
});
export type StepUpBody = z.input<typeof stepUpBody>;

export function stepUpRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/step-up', async (request, reply) => {
    const proof = bodyOf(stepUpBody, request);
    await spendTry(deps, request);
    const { session } = personOf(request);
    const { visitor, deviceToken } = doorstepOf(request, deps);
    return renewed(reply, accepted(await stepUp(deps, { session, proof, visitor, deviceToken })), deps);
  });
  app.post('/step-up/passkey/options', async (request, reply) =>
    reply.send(accepted(await passkeyRequestOptions(passkeyDeps(deps), personOf(request).session))),
  );
  app.post('/step-up/passkey', async (request, reply) => {
    const response = assertionOf(request);
    const arriving = { session: personOf(request).session, response, doorstep: doorstepOf(request, deps) };
    return renewed(reply, accepted(await stepUpWithPasskey(passkeyDeps(deps), arriving)), deps);
  });
}

function renewed(reply: FastifyReply, { token }: { token: string }, deps: DashboardDeps): FastifyReply {
  handOver(reply, { token, deviceToken: null }, deps);
  return reply.code(204).send();
}
