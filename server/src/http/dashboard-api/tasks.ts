/** What waits for the people of an account, and saying that it is done: GET /users/:userId/tasks, POST …/invoices/:id/resolve. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type CloseTaskFault, closeInvoiceTask } from '../../commands/close-invoice-task.ts';
import { asPerson } from '../../commands/people-deps.ts';
import type { AssetCode, NetworkCode } from '../../domain/asset.ts';
import { formatAmount } from '../../domain/money.ts';
import type { TaskKind } from '../../domain/task.ts';
import { type AccountTask, listAccountTasks, type TaskCursor } from '../../store/account-tasks.ts';
import { ownMerchants } from '../../store/own-merchants.ts';
import { bodyOf, idOf } from './body.ts';
import { coinText } from './coin-text.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { line } from './money-body.ts';
import { queryOf } from './query.ts';
import { authorize, doorstepOf, personOf } from './visit.ts';

const PAGE = 50;

const CURSOR = /^([1-9]\d{0,14})-([it][1-9]\d{0,14})$/;

const cursorParameter = z
  .string()
  .regex(CURSOR, 'must be the cursor of a page before')
  .transform((text): TaskCursor => {
    const [, since = '', ref = ''] = CURSOR.exec(text) ?? [];
    return { since: Number(since), ref };
  })
  .nullable()
  .default(null);

const tasksQuery = z.strictObject({ cursor: cursorParameter });

const closeBody = z.strictObject({ note: line(500) });
export type CloseTaskBody = z.input<typeof closeBody>;

/**
 * A transfer that belongs to nobody yet (`transfer_id`), or an invoice that is not as it should be. `amount`: what came, or what the
 * invoice asks, an exact text; null where no coin was chosen. Times in ms.
 */
export type TaskAnswer = {
  ref: string;
  kind: TaskKind;
  since: number;
  merchants: string[];
  transfer_id: number | null;
  invoice: { id: number; client_reference_id: string } | null;
  amount: string | null;
  asset: AssetCode | null;
  network: NetworkCode | null;
};

/** Newest first; `cursor` asks for the next page, null when there is none. */
export type TasksAnswer = { tasks: TaskAnswer[]; cursor: string | null };

export function taskRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/tasks', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'invoices.read', userId);
    const { cursor: before } = queryOf(tasksQuery, request);
    const merchantIds = (await ownMerchants(deps.db, userId)).map(({ id }) => id);
    const rows = await listAccountTasks(deps.db, { merchantIds, before, limit: PAGE });
    const last = rows.length < PAGE ? undefined : rows.at(-1);
    const answer: TasksAnswer = {
      tasks: rows.map(row => shown(deps, row)),
      cursor: last ? `${last.since}-${last.ref}` : null,
    };
    return reply.send(answer);
  });
  app.post('/users/:userId/invoices/:id/resolve', async (request, reply) => {
    const { note } = bodyOf(closeBody, request);
    const [userId, invoiceId] = [idOf(request, 'userId'), idOf(request, 'id')];
    authorize(request, 'invoices.confirm', userId);
    const acting = asPerson(personOf(request).row.id, doorstepOf(request, deps).visitor);
    const closed = await closeInvoiceTask(deps, { userId, invoiceId, acting, note });
    if (!closed.ok) throw refusals[closed.fault]();
    return reply.code(204).send();
  });
}

function shown({ networks }: DashboardDeps, row: AccountTask): TaskAnswer {
  const { ref, kind, since, merchants, network, asset } = row;
  const { invoice_id: id, client_reference_id } = row;
  return {
    ref,
    kind,
    since,
    merchants,
    transfer_id: ref.startsWith('t') ? row.transfer_id : null,
    invoice: id === null || client_reference_id === null ? null : { id, client_reference_id },
    amount: amountOf(networks, row),
    asset,
    network,
  };
}

function amountOf(networks: DashboardDeps['networks'], { network, asset, units, decimals }: AccountTask) {
  if (network === null || asset === null || units === null) return null;
  if (decimals !== null) return formatAmount({ units: BigInt(units), scale: decimals });
  return coinText(networks, { network, asset, units });
}

const refusals: Record<CloseTaskFault, () => DashboardError> = {
  invoice_unknown: () => new DashboardError(404, 'not_found', 'There is nothing here.'),
  no_task: () => new DashboardError(409, 'no_task', 'Nothing about this invoice waits for anybody.'),
};
