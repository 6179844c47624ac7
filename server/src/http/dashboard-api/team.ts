/** The team of a user account: who is in it, their roles, and taking somebody out. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { changeTeam } from '../../commands/change-team.ts';
import { roles } from '../../domain/role.ts';
import { listTeam } from '../../store/memberships.ts';
import { bodyOf, idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { authorize, doorstepOf, personOf, requireProof } from './visit.ts';

const roleBody = z.strictObject({ role: z.enum(roles) });
export type RoleBody = z.input<typeof roleBody>;
/** Times in ms. */
export type TeamAnswer = {
  members: { person_id: number; email: string; name: string; role: string; joined_at: number }[];
};

export function teamRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/team', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'team.read', userId);
    const rows = await listTeam(deps.db, userId);
    const answer: TeamAnswer = {
      members: rows.map(({ id, email, name, role, created_at }) => ({
        person_id: id,
        email,
        name,
        role,
        joined_at: created_at,
      })),
    };
    return reply.send(answer);
  });
  app.put('/users/:userId/team/:personId', async (request, reply) => {
    const { role } = bodyOf(roleBody, request);
    const [userId, personId] = [idOf(request, 'userId'), idOf(request, 'personId')];
    authorize(request, 'team.edit', userId);
    const actorId = personOf(request).row.id;
    const { visitor } = doorstepOf(request, deps);
    accepted(await changeTeam(deps, { userId, actorId, personId, role, visitor }));
    return reply.code(204).send();
  });
  app.delete('/users/:userId/team/:personId', async (request, reply) => {
    const [userId, personId] = [idOf(request, 'userId'), idOf(request, 'personId')];
    const actorId = personOf(request).row.id;
    // Everybody may leave; whether somebody else may be taken out is the role's to say.
    authorize(request, actorId === personId ? 'merchants.read' : 'team.edit', userId);
    requireProof(request);
    const { visitor } = doorstepOf(request, deps);
    accepted(await changeTeam(deps, { userId, actorId, personId, role: null, visitor }));
    return reply.code(204).send();
  });
}
