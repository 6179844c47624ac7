/** PUT /profile: one's own name and language. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { changeProfile } from '../../commands/change-profile.ts';
import { bodyOf, shortText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { personOf } from './visit.ts';

const profileBody = z.strictObject({ name: shortText, language: shortText });
export type ProfileBody = z.input<typeof profileBody>;

export function profileRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.put('/profile', async (request, reply) => {
    const profile = bodyOf(profileBody, request);
    accepted(await changeProfile(deps, { personId: personOf(request).row.id, ...profile }));
    return reply.code(204).send();
  });
}
