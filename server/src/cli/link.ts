/** cryptoscan link create | list | close: addresses at which anybody can pay a price that a merchant has set. */
import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { closeLink } from '../commands/close-link.ts';
import { createLink } from '../commands/create-link.ts';
import { linkButton } from '../commands/link-button.ts';
import { configSchema, readConfig } from '../config.ts';
import { BASE_CURRENCY } from '../domain/currency.ts';
import { formatAmount } from '../domain/money.ts';
import { localUrl } from '../lib/local-url.ts';
import { type Link, listLinks } from '../store/payment-links.ts';
import { onInstallation } from './installation.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { accept, print, printJson, printTable } from './output.ts';

type CreateOptions = Common & {
  merchant: number;
  amount: string;
  currency: string;
  description: string;
  backUrl?: string;
  cancelUrl?: string;
  maxUses?: number;
  expires?: number;
  baseUrl?: string;
};
type ListOptions = Common & { merchant?: number; baseUrl?: string };

const OPTION_NAMES = { merchant: '--merchant', expiresAt: '--expires', link: 'link' };
const MOST_LISTED = 1000;
const BASE_URL = 'where payers reach this installation (default: the configured baseUrl, or that of `dev`)';

export function registerLink(program: Command): void {
  const link = program.command('link').description('payment links: a price anybody can pay, without a shop');
  registerCreate(link);
  installationOptions(link.command('list').description(`the newest ${MOST_LISTED} payment links`))
    .option('--merchant <id>', 'of this merchant only', wholeNumber)
    .option('--base-url <url>', BASE_URL)
    .action(async (options: ListOptions) => {
      const merchantId = options.merchant ?? null;
      const links = await onInstallation(options, ({ db }) =>
        listLinks(db, { merchantId, limit: MOST_LISTED }),
      );
      const rows = links.map(({ paid, ...one }) => ({ ...factsOf(one, options), paid }));
      if (options.json) printJson(rows);
      else printTable(rows);
    });
  installationOptions(link.command('close').argument('<link>', 'its id'))
    .description('nobody can pay by it any more; what was begun goes on')
    .action(async (id: string, options: Common) => {
      const closed = await onInstallation(options, async installation =>
        accept(await closeLink(installation, id), OPTION_NAMES),
      );
      if (options.json) printJson(closed);
      else print(`Payment link ${closed.id} is closed.`);
    });
}

function registerCreate(link: Command): void {
  installationOptions(link.command('create').description('make a payment link and a button for it'))
    .requiredOption('--merchant <id>', 'whose it is', wholeNumber)
    .requiredOption('--amount <amount>', 'the price')
    .option('--currency <code>', 'the currency of the price', BASE_CURRENCY)
    .requiredOption('--description <text>', 'what is paid for, as the payer reads it, at most 100 characters')
    .option('--back-url <url>', 'where the payer goes after paying')
    .option('--cancel-url <url>', 'where the payer goes after giving up')
    .option('--max-uses <n>', 'how often it may be paid (default: without limit)', wholeNumber)
    .option('--expires <time>', 'until when, such as 2027-01-31T12:00:00Z (default: for ever)', time)
    .option('--base-url <url>', BASE_URL)
    .addHelpText('after', CREATE_EXAMPLE)
    .action(async (options: CreateOptions) => {
      const made = await onInstallation(options, async installation =>
        accept(
          await createLink(
            { ...installation, randomBytes },
            { merchantId: options.merchant, settings: settingsOf(options) },
          ),
          OPTION_NAMES,
        ),
      );
      const facts = factsOf(made, options);
      const button = linkButton(facts);
      if (options.json) return printJson({ ...facts, button });
      print(`Payment link ${made.id} is made: ${facts.url}`);
      print('A button for a web page:');
      print(`  ${button}`);
    });
}

const CREATE_EXAMPLE = `
Example:
  $ cryptoscan link create --merchant 1 --amount 14.30 --currency EUR --description 'Two bags of coffee'`;

function settingsOf(options: CreateOptions) {
  const { amount, currency, description, backUrl, cancelUrl, maxUses, expires } = options;
  return {
    amount,
    currency,
    description,
    backUrl: backUrl ?? null,
    cancelUrl: cancelUrl ?? null,
    maxUses: maxUses ?? null,
    expiresAt: expires ?? null,
  };
}

/** Without a zone a time would mean another one on each machine. */
function time(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be a time such as 2027-01-31T12:00:00Z.');
  return at;
}

function factsOf(link: Link, options: { baseUrl?: string; config?: string }) {
  return {
    id: link.id,
    merchant: link.merchantId,
    amount: formatAmount(link.amount),
    currency: link.currency,
    description: link.description,
    active: link.active,
    max_uses: link.maxUses,
    expires_at: link.expiresAt && new Date(link.expiresAt).toISOString(),
    url: `${baseUrlOf(options)}/pay/${link.id}`,
  };
}

/** Where nothing is configured, it is `dev` that serves the pages, at the usual port unless that was taken. */
function baseUrlOf({ baseUrl, config: file }: { baseUrl?: string; config?: string }): string {
  if (baseUrl !== undefined) return baseUrl.replace(/\/+$/, '');
  const config = readConfig(file);
  if (config.ok && config.value.baseUrl !== undefined) return config.value.baseUrl;
  const { host, port } = configSchema.shape;
  return localUrl(host.parse(undefined), port.parse(undefined));
}
