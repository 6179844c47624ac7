/** What has to be known to judge transfers: who holds their amounts, who one near them, and how those invoices stand. */
import type { Invoice, Method } from '../domain/invoice.ts';
import { payableUntil } from '../domain/match.ts';
import { heldAs, type Rest } from '../domain/parts.ts';
import { nearestHeld, type Policy } from '../domain/policy.ts';
import type { Tx } from '../store/db.ts';
import { lockInvoices } from '../store/invoices.ts';
import { type Earlier, earlierCounts, type PartPayment, partsOf } from '../store/part-payments.ts';
import { usedUp } from '../store/payment-links.ts';
import { type AmountHolder, findHolders, type HeldAmount, invoicesWithPayment } from '../store/payments.ts';
import { heldAround, policiesOf } from '../store/policies.ts';
import { restsOf } from '../store/remainders.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import type { TransferRow } from '../store/transfers.ts';
import { type Naming, namedBy, verifiedAmong } from '../store/unverified.ts';

/** Who holds the amount of each transfer, and who one that is near where nobody does; and all that is known of these. */
export type Known = {
  holders: readonly (AmountHolder | null)[];
  near: readonly (number | null)[];
  /** The invoice that each transfer verifies, since a person has named its transaction for it. */
  named: readonly (Naming | null)[];
  /** Invoices that need no such proof any more. */
  verified: Set<number>;
  /** In what way transfers counted for what they are near, before. */
  earlier: ReadonlyMap<number, Earlier>;
  invoices: ReadonlyMap<number, Invoice>;
  replaced: ReadonlyMap<number, Method[]>;
  /** Invoices that a payment counts for, but for parts. */
  paid: Set<number>;
  parts: ReadonlyMap<number, PartPayment[]>;
  rests: ReadonlyMap<number, Rest[]>;
  policies: ReadonlyMap<number, Policy>;
  /** Invoices of payment links that others have used up: a late payment of one is not accepted. */
  usedUp: ReadonlySet<number>;
};

type Amount = HeldAmount & { time: number };

/** Locks the invoices that transfers, which this transaction has locked, may be meant for. */
export async function lockHolders(tx: Tx, transfers: readonly TransferRow[]): Promise<Known> {
  const amounts = transfers.map(t => ({
    network: t.network,
    addressKey: t.to_key,
    asset: t.asset,
    units: t.units,
    time: t.block_time ?? 0,
  }));
  const holders = await findHolders(tx, amounts);
  const earlier = await earlierCounts(
    tx,
    transfers.map(({ id }) => id),
  );
  const near = await findNear(tx, { transfers, amounts, holders, earlier });
  const named = await namedBy(tx, transfers);
  const ids = [...holders, ...named]
    .flatMap(one => one?.invoiceId ?? [])
    .concat(near.filter(id => id !== null));
  // Locked before the rest is read: until this transaction ends no other payment can count, and no payer change the coin.
  const invoices = await lockInvoices(tx, ids);
  const late = transfers.flatMap(({ block_time: time }, index): Invoice[] => {
    const held = near[index] === null ? invoices.get(holders[index]?.invoiceId ?? 0) : undefined;
    return held && (time ?? 0) > payableUntil(held) ? [held] : [];
  });
  const beside = near.flatMap(id => invoices.get(id ?? 0) ?? []);
  return {
    holders,
    near,
    named,
    verified: await verifiedAmong(tx, ids),
    earlier,
    invoices,
    replaced: await replacedMethods(tx, ids),
    paid: await invoicesWithPayment(tx, ids),
    parts: await partsOf(tx, ids),
    rests: await restsOf(tx, ids),
    policies: await policiesOf(
      tx,
      [...late, ...beside].map(({ merchantId }) => merchantId),
    ),
    usedUp: await usedUp(
      tx,
      late.map(({ id }) => id),
    ),
  };
}

type Looking = Pick<Known, 'holders' | 'earlier'> & {
  transfers: readonly TransferRow[];
  amounts: readonly Amount[];
};

/** The invoice each transfer is near: the one it counted for before, else the nearest where nobody holds its amount. */
async function findNear(
  tx: Tx,
  { transfers, amounts, holders, earlier }: Looking,
): Promise<(number | null)[]> {
  const asked = await restsOf(
    tx,
    [...earlier.values()].map(({ invoiceId }) => invoiceId),
  );
  const isNobodys = (index: number) => {
    const { heldUntil } = holders[index] ?? { heldUntil: 0 };
    return heldUntil !== null && heldUntil < (amounts[index]?.time ?? 0);
  };
  /** An amount that was asked for after the transfer was seen is not what was paid, even where it is as much. */
  const isRest = (index: number, invoiceId: number) => {
    const transfer = transfers[index];
    if (!transfer || holders[index]?.invoiceId !== invoiceId) return false;
    const sent = { ...transfer, addressKey: transfer.to_key, units: BigInt(transfer.units) };
    const rest = heldAs(sent, asked.get(invoiceId) ?? []);
    return rest !== null && rest.since <= transfer.detected_at;
  };
  const nobodys = amounts.filter((_, index) => isNobodys(index));
  const around = nobodys.length > 0 ? await heldAround(tx, nobodys) : [];
  return amounts.map((amount, index) => {
    const before = earlier.get(transfers[index]?.id ?? 0)?.invoiceId;
    // Whoever holds the amount by now does so for somebody else; but the very invoice may have asked for it, as a rest.
    if (before !== undefined) return isRest(index, before) ? null : before;
    if (!isNobodys(index)) return null;
    return nearestHeld(BigInt(amount.units), around[nobodys.indexOf(amount)] ?? [])?.invoiceId ?? null;
  });
}
