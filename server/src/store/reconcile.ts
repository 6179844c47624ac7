/** Transfers, invoices and the books of some merchants and days held against each other, all as they are at one moment. */

import { type BookedTotal, bookedTotals, countUnseen } from './booked-totals.ts';
import type { Tx } from './db.ts';
import { type Difference, findDifferences } from './differences.ts';
import type { ReportFilter } from './report-filter.ts';
import {
  type CategoryTotal,
  type CoinTotal,
  categoryTotals,
  isReceived,
  receivedTotals,
} from './transfer-categories.ts';

export type Reconciliation = {
  categories: CategoryTotal[];
  received: CoinTotal[];
  booked: BookedTotal[];
  /** Invoices confirmed by hand without a transfer that anybody has seen. */
  unseen: number;
  differences: Difference[];
};

/** At most so many differences are told. */
export const MOST_DIFFERENCES = 1000;

/** To be called in a snapshot: the parts must be of one moment. */
export async function reconcile(tx: Tx, filter: ReportFilter): Promise<Reconciliation> {
  const categories = await categoryTotals(tx, filter);
  const received = await receivedTotals(tx, filter);
  const sums = differingSums(categories, received);
  return {
    categories,
    received,
    booked: await bookedTotals(tx, filter),
    unseen: await countUnseen(tx, filter),
    differences: [...sums, ...(await findDifferences(tx, filter, MOST_DIFFERENCES - sums.length))],
  };
}

/** The categories of what was received must sum to what stands on the chain, coin by coin. */
export function differingSums(
  categories: readonly CategoryTotal[],
  received: readonly CoinTotal[],
): Difference[] {
  const found = sumsOf(categories.filter(({ category }) => isReceived(category)));
  const expected = sumsOf(received);
  return [...new Set([...found.keys(), ...expected.keys()])].flatMap((coin): Difference[] => {
    const [sum, total] = [found.get(coin) ?? 'nothing', expected.get(coin) ?? 'nothing'];
    return sum === total ? [] : [{ name: 'sum', subject: coin, found: sum, expected: total }];
  });
}

function sumsOf(totals: readonly CoinTotal[]): Map<string, string> {
  const sums = new Map<string, { transfers: number; units: bigint }>();
  for (const { network, asset, transfers, units } of totals) {
    const coin = `${asset} ${network}`;
    const sum = sums.get(coin) ?? { transfers: 0, units: 0n };
    sums.set(coin, { transfers: sum.transfers + transfers, units: sum.units + BigInt(units) });
  }
  return new Map(
    [...sums].map(([coin, { transfers, units }]) => [coin, `${transfers} transfers of ${units} base units`]),
  );
}
