/** The sessions of who is signed in: GET /sessions, DELETE /sessions/{id}, DELETE /sessions for all the others. */
import type { FastifyInstance } from 'fastify';
import { revokeOtherSessions, revokeSession } from '../../commands/end-sessions.ts';
import { IDLE } from '../../commands/open-session.ts';
import { listSessions } from '../../store/sessions.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { doorstepOf, personOf } from './visit.ts';

/** Times in ms. */
export type SessionsAnswer = {
  sessions: {
    id: number;
    address: string;
    user_agent: string;
    created_at: number;
    seen_at: number;
    is_current: boolean;
  }[];
};

export function sessionsRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/sessions', async (request, reply) => {
    const { row, session, now } = personOf(request);
    const rows = await listSessions(deps.db, row.id, { now, idleSince: now - IDLE });
    const answer: SessionsAnswer = {
      sessions: rows.map(one => ({ ...one, is_current: one.id === session.id })),
    };
    return reply.send(answer);
  });
  app.delete('/sessions/:id', async (request, reply) => {
    const { visitor } = doorstepOf(request, deps);
    const ending = { personId: personOf(request).row.id, visitor, sessionId: idOf(request, 'id') };
    if (!(await revokeSession(deps, ending)))
      throw new DashboardError(404, 'not_found', 'There is nothing here.');
    return reply.code(204).send();
  });
  app.delete('/sessions', async (request, reply) => {
    const { row, session } = personOf(request);
    const { visitor } = doorstepOf(request, deps);
    const ended = await revokeOtherSessions(deps, { personId: row.id, visitor, sessionId: session.id });
    return reply.send({ ended });
  });
}
