/** One invoice: what it asks, its story, the transfers that were judged against it, and everything as it is stored. */
import type { FastifyInstance } from 'fastify';
import type { PaymentKind } from '../../domain/exception.ts';
import { explorerUrl } from '../../domain/explorer.ts';
import { type Invoice, isEnded } from '../../domain/invoice.ts';
import { formatAmount, formatDecimal } from '../../domain/money.ts';
import type { TaskKind } from '../../domain/task.ts';
import { type Happened, timelineOf } from '../../domain/timeline.ts';
import type { Db } from '../../store/db.ts';
import { genuineAddresses } from '../../store/genuine-wallets.ts';
import {
  actsOn,
  eventsOfInvoice,
  findOwnInvoice,
  type InvoiceTransfer,
  leftMethodsOf,
  linkOfInvoice,
  rawInvoice,
  transfersOfInvoice,
} from '../../store/invoice-story.ts';
import { receivedInParts } from '../../store/part-payments.ts';
import { restsOf } from '../../store/remainders.ts';
import { invoiceTask } from '../../store/tasks.ts';
import { deliveriesOfInvoice } from '../../store/webhook-log.ts';
import { idOf } from './body.ts';
import { coinText, writtenAddress } from './coin-text.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { type ListedInvoice, listedInvoice } from './invoices.ts';
import { authorize } from './visit.ts';
import { type DeliveryAnswer, deliveryAnswer } from './webhook-answers.ts';

/** Amounts are exact texts, times in ms; an `…_url` leads to a public explorer, null for a chain of one's own. */
export type InvoiceAnswer = ListedInvoice & {
  merchant_name: string;
  metadata: string | null;
  description: string | null;
  wallet: string | null;
  wallet_url: string | null;
  payer_wallet: string | null;
  transaction_id: string | null;
  transaction_url: string | null;
  rate: string | null;
  commission_percent: string;
  ended_at: number | null;
  /** What has come in parts that do not cover the amount; `rest`: what is asked for now, null where a person has to look. */
  received: { sum: string; rest: string | null } | null;
  /** What waits for a person about it; `closable`: it has ended, so somebody may say that this is done. */
  task: { kind: TaskKind; closable: boolean } | null;
  page_url: string | null;
  back_url: string | null;
  /** Whether its merchant takes no transaction that cannot be seen. */
  verified_only: boolean;
  timeline: TimelineEntry[];
  transfers: TransferAnswer[];
  deliveries: DeliveryAnswer[];
};

export type TimelineEntry = Happened;

export type TransferAnswer = {
  id: number;
  network: string;
  coin: string;
  amount: string | null;
  from: string;
  to: string;
  transaction_id: string;
  transaction_url: string | null;
  block: number | null;
  block_time: number | null;
  state: string;
  reason: string | null;
  payment_state: string | null;
  /** In what way it counts: `part` and `late_part` count together with others. */
  payment_kind: PaymentKind | null;
  detected_at: number;
  settled_at: number | null;
};

export function invoiceDetailRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/invoices/:id', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'invoices.read', userId);
    return reply.send(await invoiceAnswer(deps, userId, idOf(request, 'id')));
  });
  app.get('/users/:userId/invoices/:id/raw', async (request, reply) => {
    const [userId, id] = [idOf(request, 'userId'), idOf(request, 'id')];
    authorize(request, 'invoices.read', userId);
    if (!(await findOwnInvoice(deps.db, userId, id))) throw notFound();
    return reply.send(await rawInvoice(deps.db, deps.vault, id));
  });
}

const notFound = () => new DashboardError(404, 'not_found', 'There is nothing here.');

type Found = NonNullable<Awaited<ReturnType<typeof findOwnInvoice>>>;

async function invoiceAnswer(deps: DashboardDeps, userId: number, id: number): Promise<InvoiceAnswer> {
  const { db } = deps;
  const found = await findOwnInvoice(db, userId, id);
  if (!found) throw notFound();
  const transfers = await transfersOfInvoice(db, id);
  return {
    ...about(deps, found, await genuineAddresses(db, deps.vault, [found.invoice])),
    received: await received(db, found.invoice),
    task: await taskOf(db, found.invoice),
    timeline: await story(deps, { found, userId, transfers }),
    transfers: transfers.map(transfer => transferAnswer(deps, transfer)),
    deliveries: (await deliveriesOfInvoice(db, id)).map(deliveryAnswer),
  };
}

function about(
  { networks, baseUrl }: DashboardDeps,
  { invoice, merchantName, verifiedOnly }: Found,
  addresses: ReadonlyMap<number, string>,
): Omit<InvoiceAnswer, 'received' | 'task' | 'timeline' | 'transfers' | 'deliveries'> {
  const { method, seen, page, source } = invoice;
  const network = method ? networks.get(method.network) : undefined;
  // One that was changed in the database is told to nobody.
  const address = addresses.get(invoice.id) ?? null;
  return {
    ...listedInvoice(invoice),
    merchant_name: merchantName,
    verified_only: verifiedOnly,
    metadata: invoice.metadata,
    description: page?.description ?? null,
    wallet: address,
    wallet_url: address && explorerUrl(network, 'address', address),
    payer_wallet: seen?.payerWallet ?? null,
    transaction_id: seen?.transactionId ?? null,
    transaction_url: seen && explorerUrl(network, 'transaction', seen.transactionId),
    rate: source && formatDecimal(source.rate),
    commission_percent: formatDecimal(invoice.commissionPercent),
    ended_at: invoice.endedAt,
    page_url: page && `${baseUrl()}/payment/${page.id}`,
    back_url: page?.backUrl ?? null,
  };
}

async function taskOf(db: Db, { id, status }: Invoice): Promise<InvoiceAnswer['task']> {
  const kind = await invoiceTask(db, id);
  return kind && { kind, closable: isEnded(status) };
}

async function received(db: Db, invoice: Invoice): Promise<InvoiceAnswer['received']> {
  const found = await receivedInParts(db, invoice);
  const { method } = invoice;
  if (!found || !method) return null;
  const text = (units: bigint) => formatAmount({ units, scale: method.final.scale });
  return { sum: text(found.sum), rest: found.rest === null ? null : text(found.rest) };
}

function transferAnswer({ networks }: DashboardDeps, transfer: InvoiceTransfer): TransferAnswer {
  const { network, tx_id, from_key, to_key } = transfer;
  return {
    id: transfer.id,
    network,
    coin: transfer.asset,
    amount: coinText(networks, transfer),
    from: writtenAddress(networks, network, from_key),
    to: writtenAddress(networks, network, to_key),
    transaction_id: tx_id,
    transaction_url: explorerUrl(networks.get(network), 'transaction', tx_id),
    block: transfer.height,
    block_time: transfer.block_time,
    state: transfer.state,
    reason: transfer.reason,
    payment_state: transfer.payment_state,
    payment_kind: transfer.payment_kind,
    detected_at: transfer.detected_at,
    settled_at: transfer.settled_at,
  };
}

async function story(
  { db, networks }: DashboardDeps,
  { found, userId, transfers }: { found: Found; userId: number; transfers: readonly InvoiceTransfer[] },
): Promise<Happened[]> {
  const { invoice } = found;
  const left = await leftMethodsOf(db, invoice.id);
  const rests = (await restsOf(db, [invoice.id])).get(invoice.id) ?? [];
  const events = await eventsOfInvoice(db, invoice.id);
  const acts = await actsOn(db, userId, invoice.id);
  return timelineOf({
    invoice,
    link: await linkOfInvoice(db, invoice.id),
    left: left.map(row => ({
      method: { network: row.network, asset: row.asset, since: row.method_at },
      leftAt: row.replaced_at,
    })),
    transfers: transfers.map(transfer => ({
      network: transfer.network,
      asset: transfer.asset,
      transactionId: transfer.tx_id,
      units: BigInt(transfer.units),
      amount: coinText(networks, transfer) ?? '',
      detectedAt: transfer.detected_at,
      blockTime: transfer.block_time,
      reason: transfer.reason,
      payment:
        transfer.payment_state === null || transfer.payment_kind === null || transfer.counted_at === null
          ? null
          : {
              kind: transfer.payment_kind,
              state: transfer.payment_state,
              countedAt: transfer.counted_at,
              agreedAt: transfer.agreed_at,
            },
    })),
    rests: rests.map(({ network, asset, units, received, since }) => ({
      network,
      asset,
      amount: coinText(networks, { network, asset, units: units.toString() }) ?? '',
      received: coinText(networks, { network, asset, units: received.toString() }) ?? '',
      since,
    })),
    events: events.map(({ type, created_at }) => ({ type, at: created_at })),
    acts: acts.map(({ at, action, name, after }) => ({
      at,
      action,
      person: name,
      facts: after === null ? {} : (JSON.parse(after) as Happened['facts']),
    })),
  });
}
