/** cryptoscan report daily: invoices and volume by day, merchant and coin. */
import { type Command, Option } from 'commander';
import type { Network, NetworkCode } from '../domain/asset.ts';
import { usdOf } from '../domain/commission.ts';
import { divideHalfUp, formatDecimal } from '../domain/money.ts';
import { formatUsd, usdFrom } from '../domain/usd.ts';
import { type DailyRow, type DayBy, dailyReport } from '../store/daily-report.ts';
import { price } from '../store/invoices.ts';
import { inSnapshot } from '../store/read-rows.ts';
import { coinAmount } from './coin-amount.ts';
import { onInstallation } from './installation.ts';
import { type ReportOptions, reportFilter, reportOptions } from './report-options.ts';
import { formatOf, type Row, writeRows } from './write-rows.ts';

const HELP = `
Every invoice is in one row, under one of open, completed, paid_manually, expired, cancelled and reversed. By the day it
was made, the row says what has become of it since; by the day it ended, what was closed on that day.
  received        what reached the wallets by the transfers that count, in the coin
  requested_usd   what the invoices ask for; paid_usd: of that, what is paid
  commission_usd  what was charged for them, less what was given back
All amounts are exact. Example:
  $ cryptoscan report daily --from 2026-10-01 --to 2026-10-31 --timezone Europe/Berlin --csv > october.csv`;

const columns = [
  'day',
  'merchant',
  'merchant_name',
  'cryptocurrency',
  'network',
  'invoices',
  'open',
  'completed',
  'paid_manually',
  'expired',
  'cancelled',
  'reversed',
  'conversion_percent',
  'received',
  'requested_usd',
  'paid_usd',
  'commission_usd',
];

export function registerDaily(report: Command): void {
  reportOptions(
    report.command('daily').description('invoices, volume and commission by day, merchant and coin'),
  )
    .addOption(
      new Option('--by <moment>', 'the day an invoice was made, or the day it reached its end')
        .choices(['created', 'ended'])
        .default('created'),
    )
    .addHelpText('after', HELP)
    .action((options: ReportOptions & { by: DayBy }) =>
      onInstallation(options, async ({ db, networks }) => {
        const filter = await reportFilter(db, options);
        const format = formatOf(options);
        await inSnapshot(db, tx =>
          writeRows(shown(dailyReport(tx, filter, options.by), networks, format === 'table'), {
            format,
            columns,
          }),
        );
      }),
    );
}

async function* shown(
  batches: AsyncIterable<readonly DailyRow[]>,
  networks: ReadonlyMap<NetworkCode, Network>,
  isForPeople: boolean,
): AsyncGenerator<Row[]> {
  for await (const rows of batches) {
    yield rows.map(row => {
      const { merchant_name, ...facts } = factsOf(row, networks);
      return isForPeople ? facts : { ...facts, merchant_name };
    });
  }
}

function factsOf(row: DailyRow, networks: ReadonlyMap<NetworkCode, Network>) {
  const { asset, network, received_units: units } = row;
  const isKnown = asset !== null && network !== null && units !== null;
  return {
    day: row.day,
    merchant: row.merchant_id,
    merchant_name: row.merchant_name,
    cryptocurrency: asset,
    network,
    invoices: row.invoices,
    open: row.open,
    completed: row.completed,
    paid_manually: row.paid_manually,
    expired: row.expired,
    cancelled: row.cancelled,
    reversed: row.reversed,
    conversion_percent: percent(row.completed + row.paid_manually, row.invoices),
    received: isKnown ? coinAmount(networks, { asset, network, units }) : null,
    requested_usd: formatUsd(usdOf(price(row.requested))),
    paid_usd: formatUsd(usdOf(price(row.paid))),
    commission_usd: formatUsd(usdFrom(row.commission)),
  };
}

/** Two decimals: 1 of 3 is "33.33". */
function percent(part: number, whole: number): string {
  const hundredfold = { units: BigInt(part) * 100n, scale: 0 };
  return formatDecimal(divideHalfUp(hundredfold, { units: BigInt(whole), scale: 0 }, 2));
}
