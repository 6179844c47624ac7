/**
 * Confirming an invoice by hand. The named transaction is looked up on the chain first, outside any transaction; what
 * is found is then held against what other invoices have a claim to.
 */

import type { Looked } from '../chains/chain.ts';
import { parseTransactionId } from '../chains/registry.ts';
import { needsTwo } from '../domain/agreement.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import { type Answer, type Finding, type OwnWallet, weigh } from '../domain/confirm.ts';
import type { ConfirmFault } from '../domain/errors.ts';
import { apply, askedIn, type Changed, type Invoice, type Method } from '../domain/invoice.ts';
import { isPaid } from '../domain/match.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import { countsFor, lockNaming } from '../store/claim-transfer.ts';
import { type Db, isDuplicate, type Tx, transact } from '../store/db.ts';
import { areGenuine } from '../store/genuine-wallets.ts';
import { findInvoice, lockInvoices } from '../store/invoices.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { saveInvoices } from '../store/save-invoices.ts';
import { walletsOf } from '../store/wallets.ts';
import { claimFirst, claimUnseen, type Named, type Paid } from './claim-named.ts';

export type ConfirmDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
  /** What a network's providers say of a transaction, of whom so many are enough; null where none could be asked. */
  lookUp: (network: NetworkCode, transactionId: string, enough: number) => Promise<Looked | null>;
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
  stored?: Stored;
  /** Saved in the same transaction, last, where this very call confirms the invoice. */
  alsoSave?: (tx: Tx, confirmed: Invoice) => Promise<void>;
};

type Stored = Named & { id: number };
type Outcome = Result<Invoice, ConfirmFault>;

/**
 * Answers the confirmed invoice; the same transaction again answers it once more, without a second event. One that was not seen
 * then is looked for again, and verified by what is found.
 */
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
  const { stored, alsoSave } = command;
  const already = await alreadyPaid(db, invoice, ids, stored);
  if (already) return already;
  const answers: Answer<Named>[] = stored
    ? [{ kind: 'found', transfers: [{ ...stored, isStored: true }] }]
    : await Promise.all([...ids].map(([network, id]) => ask(deps, network, id, command.verifiedOnly)));
  const finding = vouchedFor(deps, invoice, replaced, weigh(asked, wallets, answers));
  const refusal = refusalOf(finding, command);
  if (refusal) return isPaid(invoice) ? ok(invoice) : fail(refusal);
  return record(deps, { invoiceId: invoice.id, ids, unseenId, finding, asked, wallets, stored, alsoSave });
}

function refusalOf(
  { kind }: Finding<Named>,
  { verifiedOnly }: Pick<ConfirmManually, 'verifiedOnly'>,
): ConfirmFault | null {
  if (kind === 'failed') return 'transaction_failed';
  if (kind === 'foreign') return 'transaction_foreign';
  return kind === 'unseen' && verifiedOnly ? 'transaction_unseen' : null;
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

/** What is answered for a paid invoice; null where nothing is settled yet, or what has paid it was not seen yet. */
async function alreadyPaid(
  db: Db | Tx,
  invoice: Invoice,
  ids: ReadonlyMap<NetworkCode, string>,
  stored: Stored | undefined,
): Promise<Outcome | null> {
  if (!isPaid(invoice)) return null;
  const isSame = [...ids.values()].includes(invoice.seen?.transactionId ?? '');
  if (!isSame) return fail('invoice_settled');
  if (stored && (await countsFor(db, stored.id, invoice.id))) return ok(invoice);
  if (invoice.exception === 'unverified_manual') return null;
  // Another transfer of the same transaction has paid it.
  return stored ? fail('invoice_settled') : ok(invoice);
}

const TWO = 2;

/** Two providers must show it, where there are two, to a merchant who takes only what can be seen. */
async function ask(
  deps: ConfirmDeps,
  network: NetworkCode,
  id: string,
  verifiedOnly: boolean,
): Promise<Answer<Named>> {
  const mayBeLarge = deps.networks.get(network)?.agreeAbove !== undefined;
  const report = await deps.lookUp(network, id, verifiedOnly || mayBeLarge ? TWO : 1);
  if (!report) return { kind: 'unreachable' };
  if (report.kind !== 'found') return { kind: report.kind };
  const { above = null, shownBy = 1, asked = 1, transfers } = report;
  if (verifiedOnly && shownBy < Math.min(TWO, asked)) return { kind: 'unreachable' };
  return {
    kind: 'found',
    transfers: transfers.map(transfer => ({ ...transfer, network, above, shownBy })),
  };
}

/** What is large and fewer than two providers show is as if nobody had seen it. */
function vouchedFor(
  { networks }: ConfirmDeps,
  invoice: Invoice,
  replaced: readonly Method[],
  finding: Finding<Named>,
): Finding<Named> {
  if (finding.kind !== 'fitting') return finding;
  const transfers = finding.transfers.filter(one => {
    const there = askedIn(invoice, replaced, { ...one, addressKey: one.to });
    const isAlone = !one.isStored && (one.shownBy ?? 1) < TWO;
    return !isAlone || !needsTwo(networks.get(one.network), there, one);
  });
  return transfers.length > 0 ? { kind: 'fitting', transfers } : { kind: 'unseen' };
}

type Recording = {
  invoiceId: number;
  ids: ReadonlyMap<NetworkCode, string>;
  unseenId: string;
  finding: Finding<Named>;
  asked: readonly Method[];
  wallets: readonly OwnWallet[];
  stored: Stored | undefined;
  alsoSave: ConfirmManually['alsoSave'];
};

async function record(deps: ConfirmDeps, recording: Recording): Promise<Outcome> {
  const { invoiceId, ids, unseenId, finding, stored, alsoSave } = recording;
  const now = deps.clock.now();
  try {
    return await transact(deps.db, async (tx): Promise<Outcome> => {
      await lockNaming(tx, unseenId);
      const before = (await lockInvoices(tx, [invoiceId])).get(invoiceId);
      if (!before) return fail('invoice_unknown');
      const already = await alreadyPaid(tx, before, ids, stored);
      if (already) return already;
      const toAny = stored !== undefined;
      const paid =
        finding.kind === 'fitting'
          ? await claimFirst(deps, tx, { before, transfers: finding.transfers, toAny, now })
          : await claimUnseen(deps, tx, { ...recording, before, now });
      if (!paid.ok) return isPaid(before) && !stored ? ok(before) : paid;
      if (paid.value.invoice === before && isPaid(before) && paid.value.mark === before.exception)
        return ok(before);
      const changed = changedBy(before, paid.value, now);
      if (typeof changed !== 'object') return fail('invoice_settled');
      const { after, emits } = changed;
      await saveInvoices(tx, [{ before, after, emits }], { now, webhookId: deps.webhookId });
      await alsoSave?.(tx, after);
      return ok(after);
    });
  } catch (error) {
    // Two invoices were given one unseen transaction at the same moment; the index knows of both.
    if (isDuplicate(error, 'invoices_unverified')) return fail('transaction_taken');
    throw error;
  }
}

/** One that was confirmed before, unseen, stays so and tells nobody; what was found of it now stands there. */
function changedBy(
  before: Invoice,
  { invoice, payer, mark }: Paid,
  now: number,
): Changed | 'stay' | 'refuse' {
  const seen = { ...payer, paidAt: before.seen?.paidAt ?? now };
  if (isPaid(before)) return { after: { ...invoice, seen, exception: mark }, emits: null };
  const changed = apply(invoice, 'confirmed_manually', { now, seen: { ...payer, paidAt: now } });
  return typeof changed === 'object' ? { ...changed, after: { ...changed.after, exception: mark } } : changed;
}
