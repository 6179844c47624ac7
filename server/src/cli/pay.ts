/** cryptoscan pay: pays an invoice on a local chain, as a customer's wallet would. */
import type { Command } from 'commander';
import { localNetworks } from '../dev/local-network.ts';
import { payOnLocalChain } from '../dev/pay.ts';
import type { Invoice } from '../domain/invoice.ts';
import { formatAmount, parseDecimal, rescale } from '../domain/money.ts';
import { invoiceById } from '../store/invoices.ts';
import { readNotes } from './data-folder.ts';
import { CommandError } from './exit.ts';
import { onInstallation } from './installation.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { print, printJson } from './output.ts';

export function registerPay(program: Command): void {
  installationOptions(
    program
      .command('pay')
      .description('pay an invoice of `dev` with test money on its local chain')
      .argument('<invoice>', 'its id', wholeNumber),
  )
    .option('--amount <decimal>', 'another amount than the one due: less, more')
    .action(async (id: number, options: Common & { amount?: string }) => {
      const { invoice, rpcUrl } = await onInstallation(options, async ({ db, folder }) => {
        const found = await invoiceById(db, id);
        if (!found?.method) throw new CommandError(1, `There is no invoice ${id} to pay.`);
        return { invoice: found, rpcUrl: await rpcUrlOf(folder, found) };
      });
      const paid = await pay(invoice, { rpcUrl, amount: options.amount });
      if (options.json) printJson(paid);
      else
        print(`Sent ${paid.amount} ${paid.cryptocurrency} to ${paid.to}: transaction ${paid.transaction_id}`);
    });
}

async function rpcUrlOf(folder: string | null, { method }: Invoice): Promise<string> {
  const notes = folder === null ? null : await readNotes(folder);
  const chain = notes?.chains.find(({ network }) => network === method?.network);
  if (!chain) throw notRunning();
  return chain.rpc_url;
}

const notRunning = () =>
  new CommandError(1, 'Only invoices of a running `cryptoscan dev` can be paid from here.');

async function pay({ method }: Invoice, { rpcUrl, amount }: { rpcUrl: string; amount: string | undefined }) {
  if (!method) throw new CommandError(1, 'The invoice has no payment method yet.');
  const { network, asset, final, address, addressKey } = method;
  if (network !== 'ERC-20' && network !== 'TRC-20')
    throw new CommandError(1, `${network} has no local chain.`);
  const token = localNetworks[network].tokens.find(known => known.asset === asset);
  if (!token && asset !== localNetworks[network].native.asset)
    throw new CommandError(1, `${asset} is not on the local ${network} chain.`);
  const units = amount === undefined ? final.units : unitsOf(amount, final.scale);
  const transaction = await payOnLocalChain({
    rpcUrl,
    token: token?.contract ?? null,
    to: `0x${addressKey.slice(-40)}`,
    units,
  }).catch((error: NodeJS.ErrnoException) => {
    // The notes of a `dev` that has ended are still there.
    throw error.code === 'ECONNREFUSED' ? notRunning() : error;
  });
  return {
    transaction_id: network === 'TRC-20' ? transaction.slice(2) : transaction,
    amount: formatAmount({ units, scale: final.scale }),
    cryptocurrency: asset,
    network,
    to: address,
  };
}

function unitsOf(text: string, scale: number): bigint {
  const amount = parseDecimal(text);
  if (!amount || amount.units === 0n) throw new CommandError(2, '--amount: must be a number greater than 0');
  try {
    return rescale(amount, scale).units;
  } catch {
    throw new CommandError(2, `--amount: must have at most ${scale} decimals`);
  }
}
