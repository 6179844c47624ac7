/** cryptoscan transfer list | part | refunded | dismiss: every transfer that reached a wallet, and what became of it. */
import { randomInt } from 'node:crypto';
import { type Command, Option } from 'commander';
import { addressText } from '../chains/registry.ts';
import { acceptPart, partFaults } from '../commands/accept-part.ts';
import { markTransfer } from '../commands/mark-transfer.ts';
import { coinOn } from '../domain/asset.ts';
import { publicStatus } from '../domain/invoice.ts';
import { formatAmount } from '../domain/money.ts';
import { todoOf } from '../domain/task.ts';
import type { Resolution } from '../store/policy-schema.ts';
import { listTasks } from '../store/tasks.ts';
import { listTransfers, type TransferRow } from '../store/transfers.ts';
import { CommandError } from './exit.ts';
import { type Installation, onInstallation } from './installation.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { accept, print, printJson, printTable } from './output.ts';

export function registerTransfer(program: Command): void {
  const transfer = program.command('transfer').description('money that reached the wallets');
  installationOptions(transfer.command('list').description('transfers and what became of them, newest first'))
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'pending',
        'matched',
        'unmatched',
        'ignored',
      ]),
    )
    .option('--tasks', 'only what waits for a person, oldest first: unusual invoices among it')
    .option('--limit <n>', 'at most this many', wholeNumber, 50)
    .action(async (options: Common & { state?: TransferRow['state']; limit: number; tasks?: true }) => {
      const { state, limit } = options;
      if (options.tasks) return showTasks(options, limit);
      const rows = await onInstallation(options, async installation =>
        (await listTransfers(installation.db, { limit, ...(state && { state }) })).map(row =>
          shown(installation, row),
        ),
      );
      if (options.json) printJson(rows);
      else printTable(rows);
    });
  registerPart(transfer);
  registerMark(transfer, 'refunded', 'refunded')
    .description('note that the money was given back, from your own wallet')
    .option('--transaction <id>', 'the transaction that gave it back');
  registerMark(transfer, 'dismiss', 'dismissed').description('note that nothing has to be done about it');
}

async function showTasks(options: Common, limit: number): Promise<void> {
  const tasks = await onInstallation(options, ({ db }) => listTasks(db, { merchantIds: null, limit }));
  const rows = tasks.map(task => ({
    ...task,
    since: new Date(task.since).toISOString(),
    todo: todoOf(task.kind),
  }));
  if (options.json) printJson(rows);
  else printTable(rows);
}

function registerPart(transfer: Command): void {
  installationOptions(transfer.command('part').argument('<id>', 'the transfer', wholeNumber))
    .description('count it as a part of an open invoice, which then asks for the rest')
    .requiredOption('--invoice <id>', 'the invoice', wholeNumber)
    .option('--memo <text>', 'a note')
    .action(async (transferId: number, options: Common & { invoice: number; memo?: string }) => {
      const { invoice: invoiceId, memo: note = null } = options;
      const acting = { kind: 'command_line' } as const;
      const command = { userId: null, transferId, invoiceId, acting, note };
      const invoice = await onInstallation(options, async installation => {
        const deps = { ...installation, random: (n: number) => randomInt(n) };
        const accepted = await acceptPart(deps, command);
        if (!accepted.ok) throw new CommandError(2, `transfer ${transferId}: ${partFaults[accepted.fault]}`);
        return accepted.value;
      });
      if (options.json) printJson({ invoice_id: invoice.id, status: publicStatus(invoice.status) });
      else if (invoice.status === 'confirming') print(`Invoice ${invoiceId} is being paid: nothing is left.`);
      else print(`Transfer ${transferId} is a part of invoice ${invoiceId}, which asks for the rest now.`);
    });
}

type MarkOptions = Common & { transaction?: string; memo?: string };

function registerMark(transfer: Command, name: string, resolution: Resolution): Command {
  return installationOptions(transfer.command(name).argument('<id>', 'the transfer', wholeNumber))
    .option('--memo <text>', 'a note')
    .action(async (id: number, options: MarkOptions) => {
      const { transaction: refundId = null, memo = null } = options;
      const mark = { resolution, refundId, memo, by: 'command line' };
      const marked = await onInstallation(options, async installation =>
        accept(await markTransfer(installation, id, mark), { refundId: '--transaction', memo: '--memo' }),
      );
      if (options.json) printJson(marked);
      else print(`Transfer ${id} is marked as ${resolution}.`);
    });
}

function shown({ networks }: Installation, row: TransferRow) {
  const network = networks.get(row.network);
  const token = coinOn(network, row.asset);
  const text = (key: string) => (network ? addressText(network, key) : key);
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    invoice_id: row.invoice_id,
    resolution: row.resolution,
    amount: token ? formatAmount({ units: BigInt(row.units), scale: token.decimals }) : row.units,
    cryptocurrency: row.asset,
    network: row.network,
    from: text(row.from_key),
    to: text(row.to_key),
    transaction_id: row.tx_id,
    block: row.height,
  };
}
