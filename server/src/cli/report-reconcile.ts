/** cryptoscan report reconcile: every transfer in one category, and invoices, transfers and the books against each other. */
import type { Command } from 'commander';
import { addressText } from '../chains/registry.ts';
import { formatUsd, usdFrom } from '../domain/usd.ts';
import { differenceNames } from '../store/differences.ts';
import { inSnapshot } from '../store/read-rows.ts';
import { MOST_DIFFERENCES, type Reconciliation, reconcile } from '../store/reconcile.ts';
import {
  type CategorizedTransfer,
  type CategoryTotal,
  type CoinTotal,
  categorizedTransfers,
  isReceived,
} from '../store/transfer-categories.ts';
import { coinAmount } from './coin-amount.ts';
import { CommandError } from './exit.ts';
import { type Installation, onInstallation } from './installation.ts';
import { note, print, printJson, printTable } from './output.ts';
import { type ReportOptions, reportFilter, reportOptions } from './report-options.ts';
import { writeRows } from './write-rows.ts';

const HELP = `
Transfers are of the days in which they were first seen, invoices of those in which they ended; balances are as they are now.
  settled, confirming, part, unjudged, refunded, dismissed,
  unmatched, ignored, of_another_merchant              sum to what was received
  reversed, off_chain                                  are not on the chain
With --csv every transfer is a line, with its category; differences are told on standard error.
Ends with 0 when nothing differs, with 1 and a list when something does.`;

const columns = [
  'transfer',
  'category',
  'reason',
  'invoice',
  'amount',
  'cryptocurrency',
  'network',
  'from',
  'to',
  'transaction_id',
  'block',
  'block_time',
  'detected_at',
];

export function registerReconcile(report: Command): void {
  reportOptions(
    report.command('reconcile').description('account for every transfer on the wallets, and for the books'),
    'print one line of JSON',
  )
    .addHelpText('after', HELP)
    .action(async (options: ReportOptions) => {
      const { differences } = await onInstallation(options, installation => tell(installation, options));
      if (differences.length === 0) return;
      const isMore = differences.length === MOST_DIFFERENCES;
      throw new CommandError(1, `${differences.length}${isMore ? ' or more' : ''} differences found.`);
    });
}

async function tell(installation: Installation, options: ReportOptions): Promise<Reconciliation> {
  const filter = await reportFilter(installation.db, options);
  return inSnapshot(installation.db, async tx => {
    const found = await reconcile(tx, filter);
    if (options.csv) {
      await writeRows(shown(installation, categorizedTransfers(tx, filter)), { format: 'csv', columns });
      for (const line of differenceLines(found)) note(line);
    } else if (options.json) printJson(factsOf(installation, found));
    else tellPeople(installation, found);
    return found;
  });
}

async function* shown(installation: Installation, batches: AsyncIterable<readonly CategorizedTransfer[]>) {
  for await (const rows of batches) yield rows.map(row => transferFacts(installation, row));
}

function transferFacts({ networks }: Installation, row: CategorizedTransfer) {
  const network = networks.get(row.network);
  const text = (key: string) => (network ? addressText(network, key) : key);
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    transfer: row.id,
    category: row.category,
    reason: row.reason,
    invoice: row.invoice_id,
    amount: coinAmount(networks, row),
    cryptocurrency: row.asset,
    network: row.network,
    from: text(row.from_key),
    to: text(row.to_key),
    transaction_id: row.tx_id,
    block: row.height,
    block_time: time(row.block_time),
    detected_at: time(row.detected_at),
  };
}

function coinFacts({ networks }: Installation, total: CoinTotal) {
  const { asset, network, transfers } = total;
  return { cryptocurrency: asset, network, transfers, amount: coinAmount(networks, total) };
}

const categoryFacts = (installation: Installation, total: CategoryTotal) => ({
  category: total.category,
  reason: total.reason,
  ...coinFacts(installation, total),
});

function factsOf(installation: Installation, found: Reconciliation) {
  return {
    ok: found.differences.length === 0,
    received: found.received.map(total => coinFacts(installation, total)),
    categories: found.categories.map(total => categoryFacts(installation, total)),
    booked: bookedFacts(found),
    confirmed_unseen: found.unseen,
    differences: found.differences.map(one => ({ ...one, text: differenceNames[one.name] })),
  };
}

function bookedFacts({ booked }: Reconciliation) {
  return booked.map(({ kind, entries, amount }) => ({
    kind,
    entries,
    amount_usd: formatUsd(usdFrom(amount)),
  }));
}

function differenceLines({ differences }: Reconciliation): string[] {
  return differences.map(
    ({ name, subject, found, expected }) =>
      `${subject}: ${differenceNames[name]}: ${found}; expected ${expected}`,
  );
}

function tellPeople(installation: Installation, found: Reconciliation): void {
  const section = (heading: string, rows: readonly Record<string, unknown>[]) => {
    print(heading);
    printTable(rows);
    print('');
  };
  const rowsOf = (isThere: boolean) =>
    found.categories
      .filter(({ category }) => isReceived(category) === isThere)
      .map(total => categoryFacts(installation, total));
  section('Received', [
    ...rowsOf(true),
    ...found.received.map(total => ({ category: 'total', reason: null, ...coinFacts(installation, total) })),
  ]);
  section('Not on the chain', rowsOf(false));
  section('Booked on balances, in US dollars', bookedFacts(found));
  print(`Invoices confirmed by hand without a transfer that was seen: ${found.unseen}`);
  for (const line of differenceLines(found)) print(line);
  if (found.differences.length === 0) print('Everything is accounted for.');
}
