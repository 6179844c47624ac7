/**
 * payments → invoices + outbox. A payment whose transfer is final settles its invoice; one whose transfer left the chain
 * is released, and the invoice waits again; a settled one whose transfer left the chain all the same is marked reversed.
 */

import { largeAmounts } from '../domain/agreement.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import { tellsOf } from '../domain/event.ts';
import { type Exception, exceptionOf, graver } from '../domain/exception.ts';
import { apply, type Invoice } from '../domain/invoice.ts';
import { isPaid } from '../domain/match.ts';
import { isPart, markOfParts } from '../domain/parts.ts';
import { settle as decide } from '../domain/settle.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Vault } from '../lib/vault.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { areGenuine, ownPlace, type Vouched } from '../store/genuine-wallets.ts';
import { lockInvoices } from '../store/invoices.ts';
import { settledParts } from '../store/part-payments.ts';
import {
  closePayments,
  findReversals,
  lockDecidable,
  type OpenPayment,
  type Reversal,
} from '../store/payments.ts';
import { restsOf } from '../store/remainders.ts';
import { type InvoiceChange, saveInvoices } from '../store/save-invoices.ts';
import { judgeTransfers, rejudgeSeconds } from '../store/transfers.ts';
import { aboutOf, seenOf } from './seen-of.ts';
import { markAgain, verifiedBy } from './settle-named.ts';
import { settleParts } from './settle-parts.ts';

export type SettleDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  logger: Logger;
  networks: ReadonlyMap<NetworkCode, Network>;
  webhookId: WebhookIds;
  /** Uniform in 0..n-1; draws the tails of rests. */
  random: (n: number) => number;
};

const PAYMENTS_PER_TICK = 200;

/**
 * Decides one batch of payments in one transaction, one of parts in another, and one of reversals in a third: each locks
 * invoices and then accounts in their own order, so that two processes never wait for each other in a ring. Answers how many
 * were decided.
 */
export async function settle(deps: SettleDeps): Promise<number> {
  const now = deps.clock.now();
  const large = largeAmounts(deps.networks.values());
  const decided = await transact(deps.db, async tx => {
    // A batch of which nothing may be decided, since its addresses were changed in the database, holds up no other one.
    for (let after = 0; ; ) {
      const payments = await lockDecidable(tx, { after, limit: PAYMENTS_PER_TICK }, large);
      const decided = await decideAll(deps, tx, { payments, now });
      await write(deps, tx, decided, now);
      if (decided.length > 0 || payments.length < PAYMENTS_PER_TICK) return decided.length;
      after = payments.at(-1)?.id ?? after;
    }
  });
  const weighed = await transact(deps.db, tx => settleParts(deps, tx, now));
  return decided + weighed + (await transact(deps.db, tx => markReversals(deps, tx, now)));
}

type Decided = { payment: OpenPayment; settled: boolean; change: InvoiceChange | null };

async function decideAll(
  deps: SettleDeps,
  tx: Tx,
  { payments, now }: { payments: readonly OpenPayment[]; now: number },
): Promise<Decided[]> {
  const invoices = await lockInvoices(
    tx,
    payments.map(payment => payment.invoice_id),
  );
  const vouched: (Vouched | null)[] = [];
  for (const payment of payments)
    vouched.push(await vouchedBy(tx, payment, invoices.get(payment.invoice_id)));
  const genuine = await areGenuine(
    tx,
    deps.vault,
    vouched.filter(one => one !== null),
  );
  const isGenuine = new Map(vouched.filter(one => one !== null).map((one, index) => [one, genuine[index]]));
  return payments.flatMap((payment, index): Decided[] => {
    const invoice = invoices.get(payment.invoice_id);
    if (!invoice) return [];
    const decision = decide(invoice, inclusionOf(payment), payment.final_height, payment.kind);
    const place = vouched[index];
    // Money at an address that nobody registered settles nothing; check-wallets.ts raises the alarm.
    const isRefused = decision === 'settle' && !(place && isGenuine.get(place));
    if (decision === 'wait' || isRefused) return [];
    return [outcome(deps, invoice, { payment, final: decision === 'settle', now })];
  });
}

/**
 * The address the transfer went to, as the invoice has it, or its merchant where a person has confirmed it and it asked for
 * nothing there; null where neither does.
 */
async function vouchedBy(
  tx: Tx,
  { network, asset, to_key: addressKey, kind }: OpenPayment,
  invoice?: Invoice,
): Promise<Vouched | null> {
  if (!invoice) return null;
  const { merchantId, method } = invoice;
  const isAsked = method?.network === network && method.asset === asset && method.addressKey === addressKey;
  if (kind === 'manual' && !isAsked) return ownPlace(tx, { merchantId, network, asset, addressKey });
  if (!method) return null;
  const { walletId, address } = method;
  return { merchantId, walletId, network, asset, address, addressKey };
}

function inclusionOf({ height, block_time: time }: OpenPayment) {
  return height === null || time === null ? null : { height, time };
}

function outcome(
  deps: SettleDeps,
  invoice: Invoice,
  { payment, final, now }: { payment: OpenPayment; final: boolean; now: number },
): Decided {
  const verified = final && payment.kind === 'manual' ? verifiedBy(deps, invoice, payment) : null;
  if (verified) return { payment, settled: true, change: { before: invoice, after: verified, emits: null } };
  const changed = apply(invoice, final ? 'transfer_final' : 'transfer_gone', {
    now,
    seen: final ? seenOf(deps, payment) : null,
  });
  // Refused: confirmed by hand meanwhile, so this transfer is a second one.
  if (typeof changed !== 'object') {
    const mark = isDuplicate(invoice) && !isPaid(invoice);
    const change = mark ? { before: invoice, after: { ...invoice, exception: null }, emits: null } : null;
    return { payment, settled: false, change };
  }
  const own = final ? exceptionOf(payment.kind) : null;
  const type = tellsOf(own);
  const after = { ...changed.after, exception: exceptionAfter(invoice, { final, own }) };
  const tells = type ? [{ type, about: aboutOf(deps, invoice, payment) }] : [];
  return { payment, settled: final, change: { before: invoice, after, emits: changed.emits, tells } };
}

const isDuplicate = ({ exception }: Invoice) => exception === 'duplicate';

/**
 * Paid: what is unusual about the payment, or that there is another one; that something came late before is no longer of
 * interest. Released: what came second to it is judged anew.
 */
function exceptionAfter(
  invoice: Invoice,
  { final, own }: { final: boolean; own: Exception | null },
): Exception | null {
  if (final) return graver(own, isDuplicate(invoice) ? 'duplicate' : null);
  return isDuplicate(invoice) ? null : invoice.exception;
}

async function write(deps: SettleDeps, tx: Tx, decided: readonly Decided[], now: number): Promise<void> {
  if (decided.length === 0) return;
  await closePayments(
    tx,
    decided.map(({ payment, settled }) => ({ id: payment.id, state: settled ? 'settled' : 'released' })),
    now,
  );
  const released = decided.filter(({ settled }) => !settled).map(({ payment }) => payment);
  // A released transfer is judged anew once it is on a block again, and so is one that came second to it.
  await judgeTransfers(
    tx,
    released.map(payment => ({ id: payment.transfer_id, state: 'pending', reason: null, invoiceId: null })),
  );
  await rejudgeSeconds(
    tx,
    released.map(payment => payment.invoice_id),
  );
  const changes = decided.flatMap(({ change }) => change ?? []);
  await saveInvoices(tx, changes, { now, webhookId: deps.webhookId });
}

async function markReversals(deps: SettleDeps, tx: Tx, now: number): Promise<number> {
  const found = await findReversals(tx, PAYMENTS_PER_TICK);
  const ids = found.map(row => row.invoice_id);
  const invoices = await lockInvoices(tx, ids);
  const parts = await settledParts(tx, ids);
  const rests = await restsOf(tx, [...parts.keys()]);
  const markBack = (invoice: Invoice, reversal: Reversal) => {
    const known = { parts: parts.get(invoice.id) ?? [], rests: rests.get(invoice.id) ?? [] };
    if (reversal.kind === 'manual') return markAgain(deps, invoice, reversal, known);
    const { method } = invoice;
    return isPart(reversal.kind) && method
      ? markOfParts(known.parts, method, known.rests)
      : exceptionOf(reversal.kind);
  };
  const changes = found.flatMap((reversal): InvoiceChange[] => {
    const { invoice_id, gone } = reversal;
    const before = invoices.get(invoice_id);
    if (!before) return [];
    if (gone)
      deps.logger.error(
        { alarm: 'payment_reversed', invoice: invoice_id },
        'a settled payment has left the chain',
      );
    const after = { ...before, exception: gone ? ('reversed' as const) : markBack(before, reversal) };
    // What was accepted for an invoice that asked for nothing cannot be told of.
    const about = gone && before.method ? aboutOf(deps, before, reversal) : null;
    return [{ before, after, emits: null, tells: about ? [{ type: 'reversed', about }] : [] }];
  });
  await saveInvoices(tx, changes, { now, webhookId: deps.webhookId });
  return changes.length;
}
