/** cryptoscan user top-up | top-up-merchant | adjust: what moves a user's balance by hand. */
import { randomInt, randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { adjustBalance } from '../commands/adjust-balance.ts';
import { TailMemory } from '../commands/tail-memory.ts';
import { nameTopUpMerchant, topUp } from '../commands/top-up.ts';
import { readConfig } from '../config.ts';
import { formatBalance, formatUsd } from '../domain/usd.ts';
import { readNotes } from './data-folder.ts';
import { type Installation, onInstallation } from './installation.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { accept, print, printJson } from './output.ts';

const OPTION_NAMES = { merchant: 'merchant' };

export function registerBalance(user: Command): void {
  installationOptions(
    user.command('top-up').description('ask a user for money by an invoice of your own merchant'),
  )
    .requiredOption('--user <id>', 'whose balance it adds to when it is paid', wholeNumber)
    .requiredOption('--amount <dollars>', 'how much')
    .action(tellTopUp);
  installationOptions(user.command('top-up-merchant').argument('<id>', 'the merchant', wholeNumber))
    .description('name the merchant whose wallets take top-ups: your own')
    .action(async (id: number, options: Common) => {
      await onInstallation(options, async ({ db }) =>
        accept(await nameTopUpMerchant({ db }, id), OPTION_NAMES),
      );
      if (options.json) printJson({ top_up_merchant: id });
      else print(`Top-ups are paid to merchant ${id}.`);
    });
  installationOptions(
    user.command('adjust').description('change a balance by hand; the books keep the reason'),
  )
    .requiredOption('--user <id>', 'whose balance', wholeNumber)
    .requiredOption('--amount <dollars>', 'what the balance grows by; -3.20 takes away')
    .requiredOption('--memo <text>', 'the reason')
    .action(async (options: Common & { user: number; amount: string; memo: string }) => {
      const { balance } = await onInstallation(options, async installation =>
        accept(await adjustBalance(installation, options.user, options)),
      );
      if (options.json) printJson({ user: options.user, balance: formatUsd(balance) });
      else print(`The balance of user ${options.user} is ${formatBalance(balance)} USD.`);
    });
}

async function tellTopUp(options: Common & { user: number; amount: string }): Promise<void> {
  const { made, url } = await onInstallation(options, async installation => {
    const deps = {
      ...installation,
      memory: new TailMemory(),
      random: (n: number) => randomInt(n),
      pageId: randomUUID,
    };
    const made = accept(await topUp(deps, { userId: options.user, amount: options.amount }), OPTION_NAMES);
    return { made, url: `${await baseUrl(installation, options)}/payment/${made.pageId}` };
  });
  const { invoiceId, clientReferenceId } = made;
  if (options.json)
    printJson({ invoice: invoiceId, client_reference_id: clientReferenceId, widget_url: url });
  else print(`Invoice ${invoiceId} adds to the balance of user ${options.user} once it is paid: ${url}`);
}

/** Where payers reach this installation; nothing where that is not known here. */
async function baseUrl({ folder }: Installation, options: Common): Promise<string> {
  const config = readConfig(options.config);
  if (config.ok && config.value.baseUrl) return config.value.baseUrl;
  const notes = folder === null ? null : await readNotes(folder);
  return notes?.base_url ?? '';
}
