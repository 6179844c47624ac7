/**
 * transfers → payments. Judges transfers that nobody has judged yet by the reservation of their exact amount; where nobody
 * holds it, or it came late, by what the shop accepts.
 */
import type { AssetCode, Network, NetworkCode } from '../domain/asset.ts';
import { askedIn, type Invoice, type Method } from '../domain/invoice.ts';
import { match as judge, payableUntil, type Verdict } from '../domain/match.ts';
import type { Decimal } from '../domain/money.ts';
import { judgeLate, judgeNear, nearestHeld, type Policy, type RatesNow } from '../domain/policy.ts';
import type { Clock } from '../lib/clock.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { lockInvoices } from '../store/invoices.ts';
import { tellUnmatched } from '../store/notices.ts';
import { type AmountHolder, findHolders, invoicesWithPayment, openPayments } from '../store/payments.ts';
import { heldAround, policiesOf } from '../store/policies.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { saveInvoices } from '../store/save-invoices.ts';
import { type Judgement, judgeTransfers, lockPending, type TransferRow } from '../store/transfers.ts';
import { notify } from '../store/wake.ts';
import { changesOf, type Judged } from './changes-of.ts';

export type MatchDeps = {
  db: Db;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
  webhookId: () => string;
  /** How many units of a currency one dollar is now, as an invoice would be priced; null where that is not known. */
  rateOf: (currency: string, now: number) => Decimal | null;
  /** How many units of a coin one dollar is now, as an amount in it would be; null as before. */
  coinRateOf: (coin: AssetCode, now: number) => Decimal | null;
};

const TRANSFERS_PER_TICK = 200;

/** Judges one batch of transfers in one transaction. Answers how many. */
export async function match(deps: MatchDeps): Promise<number> {
  const now = deps.clock.now();
  return transact(deps.db, async tx => {
    const transfers = await lockPending(tx, TRANSFERS_PER_TICK);
    if (transfers.length === 0) return 0;
    const known = await lockHolders(tx, transfers);
    const verdicts = judgeAll(transfers, known, ({ source, method }) => ({
      source: source && deps.rateOf(source.currency, now),
      coin: method && deps.coinRateOf(method.asset, now),
    }));
    await write(deps, tx, { verdicts, now });
    return transfers.length;
  });
}

/** Who holds the amount of each transfer, and who one that is near where nobody does; and all that is known of these. */
type Known = {
  holders: (AmountHolder | null)[];
  near: (number | null)[];
  invoices: Map<number, Invoice>;
  replaced: Map<number, Method[]>;
  paid: Set<number>;
  policies: Map<number, Policy>;
};

async function lockHolders(tx: Tx, transfers: readonly TransferRow[]): Promise<Known> {
  const amounts = transfers.map(t => ({
    network: t.network,
    addressKey: t.to_key,
    asset: t.asset,
    units: t.units,
    time: t.block_time ?? 0,
  }));
  const holders = await findHolders(tx, amounts);
  const isNobodys = (index: number) => {
    const { heldUntil } = holders[index] ?? { heldUntil: 0 };
    return heldUntil !== null && heldUntil < (amounts[index]?.time ?? 0);
  };
  const nobodys = amounts.filter((_, index) => isNobodys(index));
  const around = nobodys.length > 0 ? await heldAround(tx, nobodys) : [];
  const near = amounts.map((amount, index) => {
    if (!isNobodys(index)) return null;
    return nearestHeld(BigInt(amount.units), around[nobodys.indexOf(amount)] ?? [])?.invoiceId ?? null;
  });
  const ids = [...holders.map(holder => holder?.invoiceId ?? null), ...near].filter(id => id !== null);
  // Locked before the rest is read: until this transaction ends no other payment can count, and no payer change the coin.
  const invoices = await lockInvoices(tx, ids);
  const lenient = transfers.flatMap(({ block_time: time }, index): number[] => {
    const held = invoices.get(near[index] ?? holders[index]?.invoiceId ?? 0);
    if (!held) return [];
    return near[index] !== null || (time ?? 0) > payableUntil(held) ? [held.merchantId] : [];
  });
  return {
    holders,
    near,
    invoices,
    replaced: await replacedMethods(tx, ids),
    paid: await invoicesWithPayment(tx, ids),
    policies: await policiesOf(tx, lenient),
  };
}

type RatesOf = (invoice: Invoice) => RatesNow;

/** In the order of the chain: of two transfers of one amount, the first one counts. */
function judgeAll(transfers: readonly TransferRow[], known: Known, ratesOf: RatesOf): Judged[] {
  return transfers.map((transfer, index) => {
    const id = known.near[index] ?? known.holders[index]?.invoiceId;
    const before = (id && known.invoices.get(id)) || null;
    const { network, asset, to_key: addressKey } = transfer;
    const replaced = (before && known.replaced.get(before.id)) ?? [];
    const invoice = before && askedIn(before, replaced, { network, asset, addressKey });
    const verdict = judgeOne({ transfer, index, invoice }, known, ratesOf);
    if (verdict.kind === 'counts' && invoice) known.paid.add(invoice.id);
    return { transfer, before, invoice, verdict };
  });
}

function judgeOne(
  { transfer, index, invoice }: { transfer: TransferRow; index: number; invoice: Invoice | null },
  { holders, near, paid, policies }: Known,
  ratesOf: RatesOf,
): Verdict {
  const { from_key: from, to_key: to, block_time, detected_at: detectedAt } = transfer;
  const seen = { from, to, time: block_time ?? 0, detectedAt };
  const hasPayment = invoice !== null && paid.has(invoice.id);
  const policy = invoice && policies.get(invoice.merchantId);
  if (invoice && policy && typeof near[index] === 'number')
    return judgeNear({ ...seen, units: BigInt(transfer.units) }, { invoice, policy, hasPayment });
  const holder = holders[index];
  const held = holder && invoice ? { invoice, heldUntil: holder.heldUntil, hasPayment } : null;
  const verdict = judge(seen, held);
  const isLate = verdict.kind === 'unmatched' && verdict.reason === 'after_deadline';
  if (!isLate || !invoice || !policy) return verdict;
  return judgeLate(invoice, policy, ratesOf(invoice));
}

async function write(
  deps: MatchDeps,
  tx: Tx,
  { verdicts, now }: { verdicts: readonly Judged[]; now: number },
): Promise<void> {
  await saveInvoices(tx, changesOf(deps, verdicts, now), { now, webhookId: deps.webhookId });
  const counted = verdicts.flatMap(({ transfer, invoice, verdict }) =>
    verdict.kind === 'counts' && invoice
      ? [{ transferId: transfer.id, invoiceId: invoice.id, kind: verdict.as }]
      : [],
  );
  await openPayments(tx, counted, now);
  const judgements = verdicts.map(judgement);
  await judgeTransfers(tx, judgements);
  // A late payment that the shop has said it does not accept is nobody's task.
  const stray = judgements.filter(({ state, reason }) => state === 'unmatched' && reason !== 'late_rejected');
  await tellUnmatched(
    tx,
    stray.map(({ id }) => id),
    now,
  );
  if (counted.length > 0) await notify(tx, 'settle');
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
