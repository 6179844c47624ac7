/** cryptoscan invoice export: every invoice of a filter, for other programs. */
import { type Command, Option } from 'commander';
import { type Status, statuses } from '../domain/invoice.ts';
import { type FullInvoice, invoiceColumns, invoiceFacts } from '../domain/invoice-facts.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db } from '../store/db.ts';
import { exportInvoices } from '../store/export-invoices.ts';
import { genuineAddresses } from '../store/genuine-wallets.ts';
import { inSnapshot } from '../store/read-rows.ts';
import { onInstallation } from './installation.ts';
import { type ReportOptions, reportFilter, reportOptions } from './report-options.ts';
import { writeRows } from './write-rows.ts';

const HELP = `
Days are those on which invoices were made. Amounts are exact, times in UTC. In CSV a text that a spreadsheet would run as a
formula gets a ' in front; JSON has every text as it is. Example:
  $ cryptoscan invoice export --merchant 2 --status completed paid_manually --from 2026-10-01 --csv > paid.csv`;

export function registerExport(invoice: Command): void {
  reportOptions(
    invoice.command('export').description('all invoices of a filter, as CSV (the default) or JSON'),
  )
    .addOption(new Option('--status <status...>', 'only those in one of these').choices(statuses))
    .option('--query <text>', 'only those that a search for this finds')
    .addHelpText('after', HELP)
    .action((options: ReportOptions & { status?: Status[]; query?: string }) =>
      onInstallation(options, async ({ db, vault }) => {
        const { status = [], query = null } = options;
        const filter = { ...(await reportFilter(db, options)), statuses: status, query };
        const format = options.json ? 'json' : 'csv';
        await inSnapshot(db, tx =>
          writeRows(shown(tx, vault, exportInvoices(tx, filter)), { format, columns: invoiceColumns }),
        );
      }),
    );
}

async function* shown(db: Db, vault: Vault, batches: AsyncIterable<readonly FullInvoice[]>) {
  for await (const invoices of batches) {
    const addresses = await genuineAddresses(db, vault, invoices);
    yield invoices.map(invoice => invoiceFacts(invoice, addresses));
  }
}
