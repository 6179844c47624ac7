/** cryptoscan transfer list: every transfer that reached a wallet, and what became of it. */
import { type Command, Option } from 'commander';
import { addressText } from '../chains/registry.ts';
import { formatAmount } from '../domain/money.ts';
import { listTransfers, type TransferRow } from '../store/transfers.ts';
import { type Installation, onInstallation } from './installation.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { printJson, printTable } from './output.ts';

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
    .option('--limit <n>', 'at most this many', wholeNumber, 50)
    .action(async (options: Common & { state?: TransferRow['state']; limit: number }) => {
      const { state, limit } = options;
      const rows = await onInstallation(options, async installation =>
        (await listTransfers(installation.db, { limit, ...(state && { state }) })).map(row =>
          shown(installation, row),
        ),
      );
      if (options.json) printJson(rows);
      else printTable(rows);
    });
}

function shown({ networks }: Installation, row: TransferRow) {
  const network = networks.get(row.network);
  const token = network?.tokens.find(({ asset }) => asset === row.asset);
  const text = (key: string) => (network ? addressText(network, key) : key);
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    invoice_id: row.invoice_id,
    amount: token ? formatAmount({ units: BigInt(row.units), scale: token.decimals }) : row.units,
    cryptocurrency: row.asset,
    network: row.network,
    from: text(row.from_key),
    to: text(row.to_key),
    transaction_id: row.tx_id,
    block: row.height,
  };
}
