/** Every invoice of exactly what the list shows, as a file: GET /users/:userId/invoices/export?format=csv|json. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type FullInvoice, invoiceColumns, invoiceFacts } from '../../domain/invoice-facts.ts';
import { csvLine } from '../../lib/csv.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../store/db.ts';
import { genuineAddresses } from '../../store/genuine-wallets.ts';
import type { InvoiceFilter } from '../../store/invoice-filter.ts';
import { listInvoices } from '../../store/list-invoices.ts';
import { ownMerchants } from '../../store/own-merchants.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError, invalidFields } from './errors.ts';
import { ExportPlaces } from './export-places.ts';
import { invoiceQueryOf } from './invoice-query.ts';
import { authorize } from './visit.ts';

const BATCH = 500;

const TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' } as const;
type Format = keyof typeof TYPES;

/** Invoices as flat facts. */
type Batch = ReturnType<typeof invoiceFacts>[];

export function invoiceExportRoute(app: FastifyInstance, deps: DashboardDeps): void {
  const places = new ExportPlaces(deps.exports);
  app.get('/users/:userId/invoices/export', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'invoices.read', userId);
    const format = formatOf(request);
    const { filter } = invoiceQueryOf(request, await ownMerchants(deps.db, userId));
    if (!places.take(userId, reply.raw))
      throw new DashboardError(429, 'too_many', 'Too many exports are under way. Try again later.', {
        retryAfter: 10,
      });
    return sendFile(reply, format, batchesOf(deps, filter));
  });
}

function formatOf({ query }: FastifyRequest): Format {
  const { format } = query as { format?: unknown };
  if (format === 'csv' || format === 'json') return format;
  throw invalidFields([{ field: 'format', text: 'must be csv or json' }]);
}

/** Page after page, no faster than they are read; each is a statement of its own, so nothing in the database waits. */
async function* batchesOf({ db, vault }: DashboardDeps, filter: InvoiceFilter): AsyncGenerator<Batch> {
  let before: number | null = null;
  do {
    const page = await listInvoices(db, { filter, before, limit: BATCH });
    if (page.invoices.length > 0) yield await factsOf(db, vault, page.invoices);
    before = page.next;
  } while (before !== null);
}

async function factsOf(db: Db, vault: Vault, invoices: readonly FullInvoice[]): Promise<Batch> {
  const addresses = await genuineAddresses(db, vault, invoices);
  return invoices.map(invoice => invoiceFacts(invoice, addresses));
}

function sendFile(reply: FastifyReply, format: Format, batches: AsyncGenerator<Batch>): FastifyReply {
  const text = format === 'csv' ? asCsv(batches) : asJson(batches);
  return reply
    .type(TYPES[format])
    .header('content-disposition', `attachment; filename="invoices.${format}"`)
    .send(Readable.from(text, { objectMode: false }));
}

async function* asCsv(batches: AsyncGenerator<Batch>): AsyncGenerator<string> {
  yield csvLine(invoiceColumns);
  for await (const batch of batches) yield batch.map(facts => csvLine(Object.values(facts))).join('');
}

async function* asJson(batches: AsyncGenerator<Batch>): AsyncGenerator<string> {
  yield '[';
  let between = '\n';
  for await (const batch of batches) {
    yield batch.map((facts, index) => `${index === 0 ? between : ',\n'}${JSON.stringify(facts)}`).join('');
    between = ',\n';
  }
  yield '\n]\n';
}
