/** transfers → payments. Judges transfers that nobody has judged yet by the reservation of their exact amount. */
import { addressText } from '../chains/registry.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import { apply, askedIn, type Invoice, isSameMethod, type Method, type Seen } from '../domain/invoice.ts';
import { type Holder, match as judge, type Verdict } from '../domain/match.ts';
import type { Clock } from '../lib/clock.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { lockInvoices } from '../store/invoices.ts';
import { type AmountHolder, findHolders, invoicesWithPayment, openPayments } from '../store/payments.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { type InvoiceChange, saveInvoices } from '../store/save-invoices.ts';
import { type Judgement, judgeTransfers, lockPending, type TransferRow } from '../store/transfers.ts';
import { notify } from '../store/wake.ts';

export type MatchDeps = {
  db: Db;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
  webhookId: () => string;
};

const TRANSFERS_PER_TICK = 200;

/** Judges one batch of transfers in one transaction. Answers how many. */
export async function match(deps: MatchDeps): Promise<number> {
  const now = deps.clock.now();
  return transact(deps.db, async tx => {
    const transfers = await lockPending(tx, TRANSFERS_PER_TICK);
    if (transfers.length === 0) return 0;
    const holders = await lockHolders(tx, transfers);
    const verdicts = judgeAll(transfers, holders);
    await write(deps, tx, { verdicts, now });
    return transfers.length;
  });
}

/** `before` is the holder as it stands, `invoice` the same as it was asked in the amount of the transfer. */
type Judged = { transfer: TransferRow; before: Invoice | null; invoice: Invoice | null; verdict: Verdict };
type Holders = {
  of: (AmountHolder | null)[];
  invoices: Map<number, Invoice>;
  replaced: Map<number, Method[]>;
  paid: Set<number>;
};

async function lockHolders(tx: Tx, transfers: readonly TransferRow[]): Promise<Holders> {
  const of = await findHolders(
    tx,
    transfers.map(t => ({ network: t.network, addressKey: t.to_key, asset: t.asset, units: t.units })),
  );
  const ids = of.flatMap(holder => (holder ? [holder.invoiceId] : []));
  // Locked before the rest is read: until this transaction ends no other payment can count, and no payer change the coin.
  const invoices = await lockInvoices(tx, ids);
  return {
    of,
    invoices,
    replaced: await replacedMethods(tx, ids),
    paid: await invoicesWithPayment(tx, ids),
  };
}

/** In the order of the chain: of two transfers of one amount, the first one counts. */
function judgeAll(transfers: readonly TransferRow[], { of, invoices, replaced, paid }: Holders): Judged[] {
  return transfers.map((transfer, index) => {
    const amount = of[index];
    const before = (amount && invoices.get(amount.invoiceId)) ?? null;
    const { network, asset, to_key: addressKey } = transfer;
    const invoice = before && askedIn(before, replaced.get(before.id) ?? [], { network, asset, addressKey });
    const holder: Holder | null =
      amount && invoice ? { invoice, heldUntil: amount.heldUntil, hasPayment: paid.has(invoice.id) } : null;
    const { from_key: from, block_time: time, detected_at: detectedAt } = transfer;
    const verdict = judge({ from, to: addressKey, time: time ?? 0, detectedAt }, holder);
    if (verdict.kind === 'counts' && invoice) paid.add(invoice.id);
    return { transfer, before, invoice, verdict };
  });
}

async function write(
  deps: MatchDeps,
  tx: Tx,
  { verdicts, now }: { verdicts: readonly Judged[]; now: number },
): Promise<void> {
  const counted = verdicts.flatMap(({ transfer, before, invoice, verdict }) =>
    verdict.kind === 'counts' && before && invoice ? [{ transfer, before, invoice }] : [],
  );
  const changes = counted.flatMap(({ transfer, before, invoice }): InvoiceChange[] => {
    const changed = apply(invoice, 'transfer_seen', { now, seen: seenOf(deps, transfer) });
    if (changed === 'refuse')
      throw new Error(`a transfer counts for invoice ${invoice.id}, which refuses it`);
    if (changed !== 'stay') return [{ before, ...changed }];
    // An ended one stays so until the transfer is final, but is asked from now on in what is being paid.
    const isOther = !isSameMethod(before.method, invoice.method);
    return isOther ? [{ before, after: invoice, emits: null }] : [];
  });
  await saveInvoices(tx, changes, { now, webhookId: deps.webhookId });
  await openPayments(
    tx,
    counted.map(({ transfer, invoice }) => ({ transferId: transfer.id, invoiceId: invoice.id })),
    now,
  );
  await judgeTransfers(tx, verdicts.map(judgement));
  if (counted.length > 0) await notify(tx, 'settle');
}

/** What an invoice shows of the transfer that counts for it. */
export function seenOf(
  { networks }: { networks: ReadonlyMap<NetworkCode, Network> },
  transfer: Pick<TransferRow, 'network' | 'tx_id' | 'from_key' | 'detected_at'>,
): Seen {
  const network = networks.get(transfer.network);
  return {
    transactionId: transfer.tx_id,
    payerWallet: network ? addressText(network, transfer.from_key) : transfer.from_key,
    paidAt: transfer.detected_at,
  };
}

function judgement({ transfer, invoice, verdict }: Judged): Judgement {
  const { id } = transfer;
  switch (verdict.kind) {
    case 'counts':
      return { id, state: 'matched', reason: null, invoiceId: invoice?.id ?? null };
    case 'unmatched':
      return {
        id,
        state: 'unmatched',
        reason: verdict.reason,
        invoiceId: verdict.belongs ? (invoice?.id ?? null) : null,
      };
    case 'ignored':
      return { id, state: 'ignored', reason: verdict.reason, invoiceId: null };
  }
}
