/** Money that settled nothing: the list, one of them with what it may have been meant for, and giving it to an invoice. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { partFaultOf } from '../../commands/accept-part.ts';
import { type AcceptFault, acceptTransfer, candidatesOf } from '../../commands/accept-transfer.ts';
import { isLeft } from '../../commands/mark-transfer.ts';
import { asPerson } from '../../commands/people-deps.ts';
import { type ResolveFault, resolveStray } from '../../commands/resolve-stray.ts';
import { rule } from '../../commands/rule.ts';
import type { AssetCode, NetworkCode } from '../../domain/asset.ts';
import { type Candidate, type Evidence, isTaken } from '../../domain/candidates.ts';
import { explorerUrl } from '../../domain/explorer.ts';
import type { Status } from '../../domain/invoice.ts';
import { unmatchedReasons } from '../../domain/match.ts';
import { formatAmount } from '../../domain/money.ts';
import { waits } from '../../domain/task.ts';
import { findOwnInvoice } from '../../store/invoice-story.ts';
import { merchantsOfUser } from '../../store/merchants.ts';
import { partOf, partsOf } from '../../store/part-payments.ts';
import { resolutions } from '../../store/policy-schema.ts';
import { findStrayTransfer, listStrayTransfers, type StrayTransfer } from '../../store/stray-transfers.ts';
import { bodyOf, idOf } from './body.ts';
import type { ErrorCode } from './codes.ts';
import { coinText, writtenAddress } from './coin-text.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { type AcceptedAnswer, acceptBody, line } from './money-body.ts';
import { partRoute } from './money-part.ts';
import { idParameter, networkParameter, queryOf } from './query.ts';
import { authorize, doorstepOf, personOf } from './visit.ts';

const PAGE = 50;

const reasons = [...unmatchedReasons, 'self_transfer'] as const;
export type StrayReason = (typeof reasons)[number];

const moneyQuery = z.strictObject({
  state: z.enum(['open', 'closed', 'all'], 'must be one of open, closed, all').default('open'),
  reason: z
    .enum(reasons, `must be one of ${reasons.join(', ')}`)
    .nullable()
    .default(null),
  network: networkParameter,
  merchant: idParameter,
  cursor: idParameter,
});

const resolveBody = z
  .strictObject({
    resolution: z.enum(resolutions, `must be one of ${resolutions.join(', ')}`),
    refund_transaction_id: line(200),
    memo: line(500),
  })
  .refine(({ resolution, refund_transaction_id: id }) => id === null || resolution === 'refunded', {
    path: ['refund_transaction_id'],
    error: 'is only for what was refunded',
    params: rule('refund_only'),
  });
export type ResolveBody = z.input<typeof resolveBody>;

/** Amounts are exact texts in whole coins; times in ms. `block_time` is null while it is on no block. */
export type StrayAnswer = {
  id: number;
  state: 'pending' | 'matched' | 'unmatched' | 'ignored';
  reason: string | null;
  network: NetworkCode;
  asset: AssetCode;
  amount: string | null;
  from: string;
  to: string;
  transaction_id: string;
  transaction_url: string | null;
  block_time: number | null;
  detected_at: number;
  /** Whether it can no longer be undone. */
  final: boolean;
  /** Whether somebody is to say what becomes of it. */
  waits: boolean;
  /** Whose wallet it reached. */
  merchants: string[];
  resolution: 'refunded' | 'dismissed' | null;
  resolved_at: number | null;
  resolved_by: string | null;
  refund_transaction_id: string | null;
  memo: string | null;
};

/** `cursor` asks for the next page; null when there is none. */
export type MoneyAnswer = { transfers: StrayAnswer[]; cursor: number | null };

/** An invoice it may have been meant for. `due` in whole coins of `asset`; both places are null where none was chosen. */
export type CandidateAnswer = {
  invoice_id: number;
  client_reference_id: string;
  merchant: string;
  status: Status;
  metadata: string | null;
  created_at: number;
  expire_at: number;
  due: string;
  network: NetworkCode | null;
  asset: AssetCode | null;
  score: number;
  evidence: Evidence[];
  /** Whether it may be accepted for this one, as both stand now. */
  acceptable: boolean;
  /** Whether it may count as a part of this one, unless another invoice asks for the very amount. */
  is_part: boolean;
};

/** The invoice of which a transfer is a part. `left`: it has ended without the rest, and the part may be given back. */
export type PartOfAnswer = { invoice_id: number; client_reference_id: string; left: boolean };

export type StrayDetailAnswer = {
  transfer: StrayAnswer;
  candidates: CandidateAnswer[];
  part_of: PartOfAnswer | null;
};

export function moneyRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/money', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'invoices.read', userId);
    const { state, reason, network, merchant: merchantId, cursor: before } = queryOf(moneyQuery, request);
    const filter = { state, reason, network, merchantId };
    const rows = await listStrayTransfers(deps.db, userId, { filter, before, limit: PAGE });
    const answer: MoneyAnswer = {
      transfers: rows.map(row => shown(deps, row)),
      cursor: rows.length < PAGE ? null : (rows.at(-1)?.id ?? null),
    };
    return reply.send(answer);
  });
  app.get('/users/:userId/money/:transferId', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'invoices.read', userId);
    const row = await findStrayTransfer(deps.db, userId, idOf(request, 'transferId'));
    if (!row) throw refusals.transfer_unknown();
    return reply.send(await detail(deps, userId, row));
  });
  app.post('/users/:userId/money/:transferId/accept', async (request, reply) => {
    const { invoice_id: invoiceId, note } = bodyOf(acceptBody, request);
    const [userId, transferId] = [idOf(request, 'userId'), idOf(request, 'transferId')];
    authorize(request, 'invoices.confirm', userId);
    const acting = asPerson(personOf(request).row.id, doorstepOf(request, deps).visitor);
    const accepted = await acceptTransfer(deps, { userId, transferId, invoiceId, acting, note });
    if (!accepted.ok) throw refusals[accepted.fault]();
    const answer: AcceptedAnswer = { invoice_id: accepted.value.id, status: accepted.value.status };
    return reply.send(answer);
  });
  partRoute(app, deps);
  resolveRoute(app, deps);
}

function resolveRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/users/:userId/money/:transferId/resolve', async (request, reply) => {
    const { resolution, memo, refund_transaction_id: refundId } = bodyOf(resolveBody, request);
    const [userId, transferId] = [idOf(request, 'userId'), idOf(request, 'transferId')];
    authorize(request, 'invoices.confirm', userId);
    const { row: person } = personOf(request);
    const acting = asPerson(person.id, doorstepOf(request, deps).visitor);
    const by = person.email.slice(0, 100);
    const mark = { resolution, refundId, memo, by };
    const resolved = await resolveStray(deps, { userId, transferId, acting, mark });
    if (!resolved.ok) throw resolveRefusals[resolved.fault]();
    return reply.code(204).send();
  });
}

async function detail(deps: DashboardDeps, userId: number, row: StrayTransfer): Promise<StrayDetailAnswer> {
  const merchants = new Map((await merchantsOfUser(deps.db, userId)).map(({ id, name }) => [id, name]));
  const candidates = isOpen(row) ? await candidatesOf(deps, userId, row) : [];
  const partOf = await partOfInvoice(deps, userId, row.id);
  const transfer = shown(deps, row);
  return {
    transfer: { ...transfer, waits: transfer.waits || (partOf?.left ?? false) },
    part_of: partOf,
    candidates: candidates.map(candidate => ({
      ...suggested(candidate),
      merchant: merchants.get(candidate.invoice.merchantId) ?? '',
      acceptable: row.is_final && !isTaken(candidate.invoice),
      is_part: partFaultOf(candidate.invoice, row, []) === null,
    })),
  };
}

async function partOfInvoice(
  { db }: DashboardDeps,
  userId: number,
  transferId: number,
): Promise<PartOfAnswer | null> {
  const id = await partOf(db, transferId);
  const found = id === null ? null : await findOwnInvoice(db, userId, id);
  if (!found) return null;
  const { invoice } = found;
  const parts = (await partsOf(db, [invoice.id])).get(invoice.id) ?? [];
  return {
    invoice_id: invoice.id,
    client_reference_id: invoice.clientReferenceId,
    left: isLeft(invoice, parts),
  };
}

const isOpen = ({ state, resolution }: StrayTransfer) => state === 'unmatched' && resolution === null;

function suggested({ invoice, due, network, asset, score, evidence }: Candidate) {
  return {
    invoice_id: invoice.id,
    client_reference_id: invoice.clientReferenceId,
    status: invoice.status,
    metadata: invoice.metadata,
    created_at: invoice.createdAt,
    expire_at: invoice.expireAt,
    due: formatAmount(due),
    network,
    asset,
    score,
    evidence,
  };
}

function shown({ networks }: DashboardDeps, row: StrayTransfer): StrayAnswer {
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    network: row.network,
    asset: row.asset,
    amount: coinText(networks, row),
    from: writtenAddress(networks, row.network, row.from_key),
    to: writtenAddress(networks, row.network, row.to_key),
    transaction_id: row.tx_id,
    transaction_url: explorerUrl(networks.get(row.network), 'transaction', row.tx_id),
    block_time: row.block_time,
    detected_at: row.detected_at,
    final: row.is_final,
    waits: waits(row),
    merchants: row.merchants,
    resolution: row.resolution,
    resolved_at: row.resolved_at,
    resolved_by: row.is_shared ? null : row.resolved_by,
    refund_transaction_id: row.is_shared ? null : row.refund_tx_id,
    memo: row.is_shared ? null : row.resolution_memo,
  };
}

const conflict = (code: ErrorCode, text: string) => () => new DashboardError(409, code, text);
const missing = () => new DashboardError(404, 'not_found', 'There is nothing here.');

const resolveRefusals: Record<ResolveFault, () => DashboardError> = {
  transfer_unknown: missing,
  transfer_settled: conflict('transfer_settled', 'This transfer has been dealt with already.'),
  part_counts: conflict('part_counts', 'This is a part of an invoice, of which the rest may still come.'),
  payment_waits: conflict('payment_waits', 'This transfer pays an invoice, which waits until it is final.'),
};

const refusals: Record<AcceptFault, () => DashboardError> = {
  transfer_unknown: missing,
  invoice_unknown: missing,
  transfer_settled: conflict('transfer_settled', 'This transfer has been dealt with already.'),
  transfer_not_final: conflict(
    'transfer_not_final',
    'This transfer could still be undone. Wait until it is final.',
  ),
  no_candidate: conflict('no_candidate', 'Nothing says that this transfer was meant for that invoice.'),
  invoice_settled: conflict('invoice_settled', 'This invoice is paid by another transaction.'),
  transaction_taken: conflict('transaction_taken', 'This transfer is the payment of another invoice.'),
  transaction_refunded: conflict(
    'transaction_refunded',
    'This transaction was marked as refunded: it pays for no invoice.',
  ),
  transaction_foreign: conflict('transaction_foreign', 'This transfer went to no wallet of that merchant.'),
  transaction_malformed: conflict(
    'transaction_malformed',
    'This transaction is of no network of that merchant.',
  ),
  transaction_failed: conflict('transaction_failed', 'This transaction failed on the blockchain.'),
  transaction_unseen: conflict('transaction_unseen', 'This transaction was not found on the blockchain.'),
  wallet_integrity: conflict(
    'wallet_integrity',
    'The wallet of that invoice is not as it was registered. Tell the operator.',
  ),
};
