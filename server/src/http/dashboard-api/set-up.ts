/** POST /set-up: the first person, by the set-up link. Afterwards there is nothing here. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { claimSetUp } from '../../commands/claim-set-up.ts';
import { spendTry } from './address-limits.ts';
import { bodyOf, shortText, tokenText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { doorstepOf, handOver } from './visit.ts';

const setUpBody = z.strictObject({
  token: tokenText,
  email: shortText,
  name: shortText,
  password: shortText,
  language: shortText.default('en'),
});
export type SetUpBody = z.input<typeof setUpBody>;

export function setUpRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/set-up', async (request, reply) => {
    const claim = bodyOf(setUpBody, request);
    await spendTry(deps, request);
    const opened = accepted(await claimSetUp(deps, claim, doorstepOf(request, deps)));
    handOver(reply, opened, deps);
    return reply.send({ stage: opened.stage });
  });
}
