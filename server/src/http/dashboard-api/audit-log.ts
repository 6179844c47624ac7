/** The audit log of an account, or, for the operator, of the whole installation: newest first, in pages. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { listAudit } from '../../store/audit-log.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { invalidFields } from './errors.ts';
import { authorize, authorizeOperator } from './visit.ts';

const PAGE = 100;

/** `before` and `after` are flat facts; `cursor` asks for the next page, null when there is none. Times in ms. */
export type AuditAnswer = {
  entries: {
    id: number;
    at: number;
    actor: 'person' | 'command_line' | 'program';
    email: string | null;
    user_id: number | null;
    action: string;
    target: string;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
    address: string | null;
  }[];
  cursor: number | null;
};

export function auditRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/audit-log', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'audit.read', userId);
    return reply.send(await page(deps, request, userId));
  });
  app.get('/operator/audit-log', async (request, reply) => {
    authorizeOperator(request, 'operator.audit');
    return reply.send(await page(deps, request, null));
  });
}

async function page(
  { db }: DashboardDeps,
  request: FastifyRequest,
  userId: number | null,
): Promise<AuditAnswer> {
  const rows = await listAudit(db, { userId, before: cursorOf(request), limit: PAGE });
  const entries = rows.map(row => ({ ...row, before: facts(row.before), after: facts(row.after) }));
  return { entries, cursor: rows.length < PAGE ? null : (rows.at(-1)?.id ?? null) };
}

function cursorOf({ query }: FastifyRequest): number | null {
  const { cursor } = query as { cursor?: unknown };
  if (cursor === undefined) return null;
  if (typeof cursor === 'string' && /^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw invalidFields([{ field: 'cursor', text: 'must be a positive integer' }]);
}

const facts = (text: string | null) => (text === null ? null : (JSON.parse(text) as Record<string, unknown>));
