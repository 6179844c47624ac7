/**
 * Confirming an invoice by hand. The named transaction is looked up on the chain first, outside any transaction; what
 * is found is then held against what other invoices have a claim to.
 */

import type { Looked } from '../chains/chain.ts';
import { addressText, parseTransactionId } from '../chains/registry.ts';
import { coinOn, type Network, type NetworkCode } from '../domain/asset.ts';
import { type Answer, type Finding, isTo, markOf, type OwnWallet, weigh } from '../domain/confirm.ts';
import type { ConfirmFault } from '../domain/errors.ts';
import type { Exception } from '../domain/exception.ts';
import { apply, askedIn, type Invoice, type Method } from '../domain/invoice.ts';
import { timingOf } from '../domain/match.ts';
import { covers, markOfParts, type Part, sumOf } from '../domain/parts.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import {
  claimTransfer,
  isNamedElsewhere,
  lockTransfer,
  type ShownTransfer,
} from '../store/claim-transfer.ts';
import { type Db, isDuplicate, type Tx, transact } from '../store/db.ts';
import { areGenuine } from '../store/genuine-wallets.ts';
import { findInvoice, lockInvoices } from '../store/invoices.ts';
import { partsOf } from '../store/part-payments.ts';
import { closePayments } from '../store/payments.ts';
import { restsOf } from '../store/remainders.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { saveInvoices } from '../store/save-invoices.ts';
import { judgeTransfers, type TransferRow } from '../store/transfers.ts';
import { walletsOf } from '../store/wallets.ts';
import { isHeldByOther } from './held-by-other.ts';

export type ConfirmDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
  /** What a network's provider says of a transaction; null where none could be asked. */
  lookUp: (network: NetworkCode, transactionId: string) => Promise<Looked | null>;
  webhookId: WebhookIds;
};

export type ConfirmManually = {
  merchantId: number;
  /** The merchant refuses what cannot be seen on the chain. */
  verifiedOnly: boolean;
  invoiceId: number;
  transactionId: string;
  /**
   * A transfer of this transaction that the watcher has stored, to any wallet of the merchant: a person has looked at it and
   * says what it is for, so the chain is not asked, and it may be another coin or wallet than the invoice asks for.
   */
  stored?: Named;
  /** Saved in the same transaction, last, where this very call confirms the invoice. */
  alsoSave?: (tx: Tx, confirmed: Invoice) => Promise<void>;
};

type Named = ShownTransfer;
type Outcome = Result<Invoice, ConfirmFault>;

/** Answers the confirmed invoice; the same transaction again answers it once more, without a second event. */
export async function confirmManually(deps: ConfirmDeps, command: ConfirmManually): Promise<Outcome> {
  const invoice = await findInvoice(deps.db, command.merchantId, command.invoiceId);
  if (!invoice) return fail('invoice_unknown');
  const { db, vault } = deps;
  const wallets = await walletsOf(db, vault, command.merchantId);
  const replaced = (await replacedMethods(db, [invoice.id])).get(invoice.id) ?? [];
  const all = invoice.method && !command.stored ? [invoice.method, ...replaced] : [];
  const genuine = await areGenuine(
    db,
    vault,
    all.map(method => ({ ...method, merchantId: command.merchantId })),
  );
  // Nothing that was changed in the database is a wallet of the merchant's.
  const asked = all.filter((_, index) => genuine[index]);
  if (all.length > 0 && asked.length === 0) return fail('wallet_integrity');
  const ids = transactionIds(deps.networks, { asked, wallets, text: command.transactionId });
  const forms = [...ids.values()];
  // Where no network is known to have it, it is kept as it was written, if that is the form of one of them.
  const unseenId = forms.find(form => form === command.transactionId) ?? forms[0];
  if (unseenId === undefined) return fail('transaction_malformed');
  const already = alreadyPaid(invoice, ids);
  if (already) return already;
  const answers: Answer<Named>[] = command.stored
    ? [{ kind: 'found', transfers: [command.stored] }]
    : await Promise.all([...ids].map(([network, id]) => ask(deps, network, id)));
  const finding = weigh(asked, wallets, answers);
  if (finding.kind === 'failed') return fail('transaction_failed');
  if (finding.kind === 'foreign') return fail('transaction_foreign');
  if (finding.kind === 'unseen' && command.verifiedOnly) return fail('transaction_unseen');
  const { alsoSave, stored } = command;
  return record(deps, {
    invoiceId: invoice.id,
    ids,
    unseenId,
    finding,
    toAny: stored !== undefined,
    alsoSave,
  });
}

/** The transaction's id in the form of each network it may be on. */
function transactionIds(
  networks: ConfirmDeps['networks'],
  { asked, wallets, text }: { asked: readonly Method[]; wallets: readonly OwnWallet[]; text: string },
): Map<NetworkCode, string> {
  const codes = (asked.length > 0 ? asked : wallets).map(place => place.network);
  const ids = new Map<NetworkCode, string>();
  for (const code of codes) {
    const network = networks.get(code);
    const parsed = network && parseTransactionId(network, text);
    if (parsed?.ok) ids.set(code, parsed.value);
  }
  return ids;
}

function alreadyPaid(invoice: Invoice, ids: ReadonlyMap<NetworkCode, string>): Outcome | null {
  if (invoice.status !== 'completed' && invoice.status !== 'paid_manually') return null;
  const isSame = [...ids.values()].includes(invoice.seen?.transactionId ?? '');
  return isSame ? ok(invoice) : fail('invoice_settled');
}

async function ask(deps: ConfirmDeps, network: NetworkCode, id: string): Promise<Answer<Named>> {
  const report = await deps.lookUp(network, id);
  if (!report) return { kind: 'unreachable' };
  if (report.kind !== 'found') return { kind: report.kind };
  return {
    kind: 'found',
    transfers: report.transfers.map(transfer => ({ ...transfer, network, above: report.above ?? null })),
  };
}

type Recording = {
  invoiceId: number;
  ids: ReadonlyMap<NetworkCode, string>;
  unseenId: string;
  finding: Finding<Named>;
  /** Whether any wallet of the merchant will do, whatever the invoice asks for. */
  toAny: boolean;
  alsoSave: ConfirmManually['alsoSave'];
};

async function record(deps: ConfirmDeps, recording: Recording): Promise<Outcome> {
  const { invoiceId, ids, unseenId, finding, toAny, alsoSave } = recording;
  const now = deps.clock.now();
  try {
    return await transact(deps.db, async (tx): Promise<Outcome> => {
      const before = (await lockInvoices(tx, [invoiceId])).get(invoiceId);
      if (!before) return fail('invoice_unknown');
      const already = alreadyPaid(before, ids);
      if (already) return already;
      const paid =
        finding.kind === 'fitting'
          ? await claimFirst(deps, tx, { before, transfers: finding.transfers, toAny, now })
          : await claimUnseen(tx, unseenId, before);
      if (!paid.ok) return paid;
      const { payer, invoice, mark } = paid.value;
      const seen = { ...payer, paidAt: now };
      const changed = apply(invoice, 'confirmed_manually', { now, seen });
      if (typeof changed !== 'object') return fail('invoice_settled');
      const after = { ...changed.after, exception: mark };
      await saveInvoices(tx, [{ before, after, emits: changed.emits }], { now, webhookId: deps.webhookId });
      await alsoSave?.(tx, after);
      return ok(after);
    });
  } catch (error) {
    // Two invoices were given one unseen transaction at the same moment; the index knows of both.
    if (isDuplicate(error, 'invoices_unverified')) return fail('transaction_taken');
    throw error;
  }
}

/** Who paid, the invoice as it was asked in what they paid, and what is unusual about it. */
type Paid = {
  payer: { transactionId: string; payerWallet: string | null };
  invoice: Invoice;
  mark: Exception | null;
};

type Claim = { before: Invoice; transfers: readonly Named[]; toAny: boolean; now: number };

/** Takes the first fitting transfer that no other invoice has a claim to; else says what is in the way of the last of them. */
async function claimFirst(
  deps: ConfirmDeps,
  tx: Tx,
  { before, transfers, toAny, now }: Claim,
): Promise<Result<Paid, ConfirmFault>> {
  const invoiceId = before.id;
  const replaced = (await replacedMethods(tx, [invoiceId])).get(invoiceId) ?? [];
  const asked = before.method && !toAny ? [before.method, ...replaced] : null;
  let why: ConfirmFault = 'transaction_foreign';
  for (const transfer of transfers) {
    // Where nothing was chosen each wallet fitted; the payer may have chosen one while the chain was asked.
    if (asked?.some(method => isTo(method, transfer)) === false) continue;
    const row = await lockTransfer(tx, transfer, now);
    // What was given back pays for nothing.
    if (row.resolution === 'refunded') {
      why = 'transaction_refunded';
      continue;
    }
    const isAnothers = async () => {
      const sent = { ...transfer, time: transfer.block.time, detectedAt: row.detected_at };
      if (await isHeldByOther(tx, sent, invoiceId)) return true;
      return !(await claimTransfer(tx, { transferId: row.id, invoiceId }, now));
    };
    if (await isAnothers()) {
      why = 'transaction_taken';
      continue;
    }
    await judgeTransfers(tx, [{ id: row.id, state: 'matched', reason: null, invoiceId }]);
    const network = deps.networks.get(transfer.network);
    const payerWallet = network ? addressText(network, transfer.from) : transfer.from;
    const invoice = askedIn(before, replaced, { ...transfer, addressKey: transfer.to });
    const token = coinOn(network, transfer.asset);
    const amount = { units: transfer.units, scale: token?.decimals ?? invoice.method?.final.scale ?? 0 };
    const isLate = timingOf(invoice, transfer.block.time) === 'after';
    const named = { row, units: transfer.units, kind: isLate ? ('late_part' as const) : ('part' as const) };
    const together = await claimParts(tx, invoice, named, now);
    const mark = together === undefined ? markOf(invoice, { amount, time: transfer.block.time }) : together;
    return ok({ payer: { transactionId: transfer.txId, payerWallet }, invoice, mark });
  }
  return fail(why);
}

/**
 * Parts that have come for the invoice are paid with it where the named transfer is not the whole amount; else they came
 * second, and settling finds that out. Answers what is then unusual about all of it.
 */
async function claimParts(
  tx: Tx,
  { id, method }: Invoice,
  named: Pick<Part, 'units' | 'kind'> & { row: TransferRow },
  now: number,
): Promise<Exception | null | undefined> {
  const { row, units } = named;
  if (!method || units >= method.final.units) return undefined;
  const parts = ((await partsOf(tx, [id])).get(id) ?? []).filter(
    part => part.transfer_id !== row.id && part.network === row.network && part.asset === row.asset,
  );
  if (parts.length === 0) return undefined;
  await closePayments(
    tx,
    parts.map(part => ({ id: part.id, state: 'settled' })),
    now,
  );
  const all = [...parts, named];
  const rests = (await restsOf(tx, [id])).get(id) ?? [];
  return covers(sumOf(all), method) ? markOfParts(all, method, rests) : 'underpaid';
}

async function claimUnseen(
  tx: Tx,
  transactionId: string,
  before: Invoice,
): Promise<Result<Paid, ConfirmFault>> {
  if (await isNamedElsewhere(tx, transactionId, before.id)) return fail('transaction_taken');
  return ok({ payer: { transactionId, payerWallet: null }, invoice: before, mark: 'unverified_manual' });
}
