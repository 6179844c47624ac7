/**
 * A person says that a transfer which settled nothing is a part of an open invoice: the invoice then asks for the rest. The
 * shop need not take parts on its own, and neighbours do not matter; that somebody else holds the very amount does.
 */
import { addressText } from '../chains/registry.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import type { About, Told } from '../domain/event.ts';
import type { Invoice, Method, Seen } from '../domain/invoice.ts';
import { heldSince, timingOf } from '../domain/match.ts';
import { afterPart, covers, MOST_PARTS, sumOf } from '../domain/parts.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import { type Acting, appendAudit } from '../store/audit-log.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { lockInvoices } from '../store/invoices.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { type PartPayment, partsOf } from '../store/part-payments.ts';
import { openPayments } from '../store/payments.ts';
import { askRests } from '../store/remainders.ts';
import { saveInvoices } from '../store/save-invoices.ts';
import { findStrayTransfer } from '../store/stray-transfers.ts';
import { judgeTransfers, lockJudged, type TransferRow } from '../store/transfers.ts';
import { notify } from '../store/wake.ts';
import { isHeldByOther } from './held-by-other.ts';

export type AcceptPartDeps = {
  db: Db;
  clock: Clock;
  vault: Vault;
  networks: ReadonlyMap<NetworkCode, Network>;
  webhookId: WebhookIds;
  random: (n: number) => number;
};

export type AcceptPart = {
  /** The account whose wallet and invoice it must be; null: whoever's. */
  userId: number | null;
  transferId: number;
  invoiceId: number;
  acting: Acting;
  note: string | null;
};

export const partFaults = {
  transfer_unknown: 'there is no such transfer',
  invoice_unknown: 'there is no such invoice',
  transfer_settled: 'something has become of this transfer already',
  transfer_not_seen: 'this transfer is on no block now',
  invoice_not_open: 'this invoice does not wait for a payment',
  transaction_foreign: "this transfer is in another coin, or went to another wallet, than the invoice's own",
  transaction_taken: 'another invoice asks for this very amount',
  not_in_time: 'this transfer was not made in the time of the invoice',
  not_a_part: 'this is the whole amount, or more: confirm the invoice by its transaction instead',
  too_many_parts: `an invoice takes ${MOST_PARTS} parts at most`,
} as const;
export type PartFault = keyof typeof partFaults;

/** Answers the invoice, which now asks for what is left, or is being paid. */
export async function acceptPart(
  deps: AcceptPartDeps,
  command: AcceptPart,
): Promise<Result<Invoice, PartFault>> {
  const { userId, transferId, invoiceId } = command;
  if (userId !== null && !(await findStrayTransfer(deps.db, userId, transferId)))
    return fail('transfer_unknown');
  return transact(deps.db, async (tx): Promise<Result<Invoice, PartFault>> => {
    const invoice = (await lockInvoices(tx, [invoiceId])).get(invoiceId);
    const owner = invoice ? await userOfMerchant(tx, invoice.merchantId) : null;
    if (!invoice || owner === null || (userId !== null && owner !== userId)) return fail('invoice_unknown');
    const transfer = await lockJudged(tx, transferId);
    if (!transfer) return fail('transfer_unknown');
    const parts = (await partsOf(tx, [invoiceId])).get(invoiceId) ?? [];
    const wrong = partFaultOf(invoice, transfer, parts);
    if (wrong) return fail(wrong);
    const { from_key: from, to_key: to, units, block_time: time, detected_at: detectedAt } = transfer;
    const sent = { ...transfer, from, to, units: BigInt(units), time: time ?? detectedAt, detectedAt };
    if (await isHeldByOther(tx, sent, invoiceId)) return fail('transaction_taken');
    return ok(await record(deps, tx, { command, owner, invoice, transfer, parts }));
  });
}

/** Why this may not be a part, beside such parts; null where nothing but somebody else's claim to the amount can forbid it. */
export function partFaultOf(
  invoice: Invoice,
  transfer: TransferRow,
  parts: readonly PartPayment[],
): PartFault | null {
  const { method } = invoice;
  if (transfer.state !== 'unmatched' || transfer.resolution !== null) return 'transfer_settled';
  if (transfer.block_time === null) return 'transfer_not_seen';
  if (!method || invoice.status !== 'new') return 'invoice_not_open';
  const { network, asset, to_key: to, from_key: from } = transfer;
  const isOurs = network === method.network && asset === method.asset && to === method.addressKey;
  if (!isOurs || from === to) return 'transaction_foreign';
  const isInTime = timingOf(invoice, transfer.block_time) === 'in_time';
  if (!isInTime || transfer.detected_at < heldSince(invoice)) return 'not_in_time';
  if (BigInt(transfer.units) >= method.final.units) return 'not_a_part';
  return parts.length >= MOST_PARTS ? 'too_many_parts' : null;
}

type Recording = {
  command: AcceptPart;
  owner: number;
  invoice: Invoice;
  transfer: TransferRow;
  parts: readonly PartPayment[];
};

async function record(
  deps: AcceptPartDeps,
  tx: Tx,
  { command, owner, invoice: before, transfer, parts }: Recording,
): Promise<Invoice> {
  const now = deps.clock.now();
  const method = before.method as Method;
  const received = sumOf(parts) + BigInt(transfer.units);
  const completes = covers(received, method);
  const about = aboutOf(deps, method, transfer);
  const seen: Seen = { ...about, paidAt: transfer.detected_at };
  const after = afterPart(before, { completes, seen }, now);
  const tells: Told[] = [
    { type: 'detected', about },
    ...(completes ? [] : [{ type: 'underpaid', about } as const]),
  ];
  await saveInvoices(tx, [{ before, after, emits: null, tells }], { now, webhookId: deps.webhookId });
  await openPayments(tx, [{ transferId: transfer.id, invoiceId: before.id, kind: 'part' }], now);
  await judgeTransfers(tx, [{ id: transfer.id, state: 'matched', reason: null, invoiceId: before.id }]);
  if (!completes) await askRests(tx, [{ invoice: after, received }], { now, random: deps.random });
  await notify(tx, 'settle');
  const { tx_id: transaction_id, network, asset, units, reason } = transfer;
  const told = { transfer: transfer.id, transaction_id, network, asset, units, reason, note: command.note };
  await appendAudit(
    tx,
    deps.vault,
    {
      acting: command.acting,
      userId: owner,
      action: 'transfer.accepted_as_part',
      target: `invoice ${before.id}`,
      after: told,
    },
    now,
  );
  return after;
}

function aboutOf({ networks }: AcceptPartDeps, method: Method, transfer: TransferRow): About {
  const network = networks.get(transfer.network);
  const payerWallet = network ? addressText(network, transfer.from_key) : transfer.from_key;
  const received = { units: BigInt(transfer.units), scale: method.final.scale };
  return { method, transactionId: transfer.tx_id, payerWallet, received };
}
