/** The audit log of an account, or, for the operator, of the whole installation: newest first, in pages, and as CSV. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { rule } from '../../commands/rule.ts';
import { type Cell, csvLine } from '../../lib/csv.ts';
import { type AuditFilter, intactAudit, listAudit } from '../../store/audit-log.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { dayParameter, idParameter, queryOf } from './query.ts';
import { authorize, authorizeOperator } from './visit.ts';

const PAGE = 100;
const CSV_PAGE = 1000;
const DAY = 24 * 3_600_000;

const filter = {
  noun: z
    .string()
    .refine(text => /^[a-z_]{1,40}$/.test(text), {
      error: 'must be the first word of an action, such as wallet',
      params: rule('action'),
    })
    .nullable()
    .default(null),
  email: z.string().max(254, 'is too long').nullable().default(null),
  from: dayParameter.nullable().default(null),
  to: dayParameter.nullable().default(null),
};
const pageQuery = z.strictObject({ ...filter, cursor: idParameter });
const csvQuery = z.strictObject(filter);

/**
 * `before` and `after` are flat facts; `cursor` asks for the next page, null when there is none. `intact`: the entry is as
 * it was written, and follows the one that was before it. Times in ms.
 */
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
    intact: boolean;
  }[];
  cursor: number | null;
};

export function auditRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  for (const [path, accountOf] of [
    ['/users/:userId/audit-log', ofAccount],
    ['/operator/audit-log', ofAll],
  ] as const) {
    app.get(path, async (request, reply) => reply.send(await page(deps, request, accountOf(request))));
    app.get(`${path}.csv`, async (request, reply) => csv(deps, request, reply, accountOf(request)));
  }
}

function ofAccount(request: FastifyRequest): number {
  const userId = idOf(request, 'userId');
  authorize(request, 'audit.read', userId);
  return userId;
}

function ofAll(request: FastifyRequest): null {
  authorizeOperator(request, 'operator.audit');
  return null;
}

async function page(
  { db, vault }: DashboardDeps,
  request: FastifyRequest,
  userId: number | null,
): Promise<AuditAnswer> {
  const { cursor, ...asked } = queryOf(pageQuery, request);
  const rows = await listAudit(db, { ...filterOf(asked), userId, before: cursor, limit: PAGE });
  const intact = await intactAudit(
    db,
    vault,
    rows.map(({ id }) => id),
  );
  const entries = rows.map(row => ({
    ...row,
    before: facts(row.before),
    after: facts(row.after),
    intact: intact.has(row.id),
  }));
  return { entries, cursor: rows.length < PAGE ? null : (rows.at(-1)?.id ?? null) };
}

/** As many entries as there are, a piece at a time: none is asked for before the one before it has gone out. */
function csv(
  deps: DashboardDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  userId: number | null,
): FastifyReply {
  const asked = { ...filterOf(queryOf(csvQuery, request)), userId };
  return reply
    .header('content-disposition', 'attachment; filename="audit-log.csv"')
    .type('text/csv; charset=utf-8')
    .send(Readable.from(csvPieces(deps, asked)));
}

const columns = [
  'id',
  'at',
  'actor',
  'email',
  'user_id',
  'action',
  'target',
  'before',
  'after',
  'address',
] as const;

async function* csvPieces(
  { db }: DashboardDeps,
  asked: Omit<AuditFilter, 'before' | 'limit'>,
): AsyncGenerator<string> {
  yield csvLine(columns);
  for (let before: number | null = null; ; ) {
    const rows = await listAudit(db, { ...asked, before, limit: CSV_PAGE });
    const lines = rows.map(row =>
      csvLine(columns.map((name): Cell => (name === 'at' ? iso(row.at) : row[name]))),
    );
    if (lines.length > 0) yield lines.join('');
    before = rows.at(-1)?.id ?? null;
    if (rows.length < CSV_PAGE) return;
  }
}

/** Days are those of UTC, and `to` is the last one that counts. */
function filterOf({ noun, email, from, to }: z.output<typeof csvQuery>) {
  return {
    noun,
    email: email === '' ? null : email,
    from: from === null ? null : Date.parse(from),
    until: to === null ? null : Date.parse(to) + DAY,
  };
}

const iso = (at: number) => new Date(at).toISOString();
const facts = (text: string | null) => (text === null ? null : (JSON.parse(text) as Record<string, unknown>));
