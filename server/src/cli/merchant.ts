/** cryptoscan merchant create | list | update */

import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { createMerchant } from '../commands/create-merchant.ts';
import { defaultSettings, type MerchantSettings } from '../commands/merchant-settings.ts';
import { MAX_LOGO_FILE } from '../commands/read-logo.ts';
import { rotateKeys } from '../commands/rotate-keys.ts';
import { type MerchantChanges, updateMerchant } from '../commands/update-merchant.ts';
import { optInTypes } from '../domain/invoice.ts';
import { type PageLanguage, pageLanguages } from '../domain/page-language.ts';
import { latePolicies } from '../domain/policy.ts';
import { listMerchants } from '../store/merchants.ts';
import { CommandError } from './exit.ts';
import { onInstallation } from './installation.ts';
import { type Common, given, installationOptions, onOff, wholeNumber } from './options.ts';
import { accept, print, printJson, printTable } from './output.ts';

type SettingOptions = {
  name?: string;
  url?: string;
  webhookUrl?: string;
  auth?: MerchantSettings['auth'];
  paymentMinutes?: number;
  compat?: boolean;
  webhookPrivateKeyHeader?: boolean;
  signatureV2?: MerchantSettings['signatureV2'];
  verifiedOnly?: boolean;
  pageOrigins?: string[];
  returnHosts?: string[] | 'default';
  language?: PageLanguage | 'none';
  late?: MerchantSettings['late'];
  lateDrift?: string;
  underpaidTolerance?: string;
  overpaidTolerance?: string;
  remainder?: boolean;
  events?: string[];
  /** The path of a file; false for `--no-logo`. */
  logo?: string | false;
};
type CreateOptions = Common & SettingOptions & { user: number; publicKey?: string; privateKey?: string };

const OPTION_NAMES = {
  publicKey: '--public-key',
  privateKey: '--private-key',
  privateKeyHeader: '--webhook-private-key-header',
  optInEvents: '--events',
  merchant: 'merchant',
};

export function registerMerchant(program: Command): void {
  const merchant = program.command('merchant').description('shops that take payments');
  registerCreate(merchant);
  registerRotate(merchant);
  installationOptions(merchant.command('list').description('all merchants')).action(
    async (options: Common) => {
      const rows = await onInstallation(options, ({ db }) => listMerchants(db));
      if (options.json) printJson(rows);
      else printTable(rows);
    },
  );
  settingOptions(installationOptions(merchant.command('update').description('change settings')))
    .argument('<id>', 'the merchant', wholeNumber)
    .addHelpText('after', '\nExample:\n  $ cryptoscan merchant update 1 --webhook-url http://127.0.0.1:9000/')
    .action(async (id: number, options: Common & SettingOptions) => {
      const changes: MerchantChanges = { ...settingsOf(options), ...(await logoOf(options)) };
      const changed = await onInstallation(options, async installation =>
        accept(await updateMerchant(installation, id, changes), OPTION_NAMES),
      );
      if (options.json) printJson(changed);
      else print(`Merchant ${changed.id} is changed.`);
    });
}

function registerRotate(merchant: Command): void {
  installationOptions(merchant.command('rotate-keys').argument('<id>', 'the merchant', wholeNumber))
    .description('make a new pair of keys; the old one is accepted for a while longer')
    .option('--overlap-hours <n>', 'how long the old keys are still accepted', wholeNumber, 24)
    .action(async (merchantId: number, options: Common & { overlapHours: number }) => {
      const keys = await onInstallation(options, async installation =>
        accept(
          await rotateKeys(
            { ...installation, randomBytes },
            { merchantId, overlapHours: options.overlapHours },
          ),
          OPTION_NAMES,
        ),
      );
      if (options.json) printJson({ public_key: keys.publicKey, private_key: keys.privateKey });
      else {
        print(
          `Merchant ${merchantId} has new keys, shown once. The old ones end in ${options.overlapHours} hours.`,
        );
        print(`  public key   ${keys.publicKey}`);
        print(`  private key  ${keys.privateKey}`);
      }
    });
}

function registerCreate(merchant: Command): void {
  settingOptions(
    installationOptions(merchant.command('create').description('add a merchant and make its keys')),
  )
    .requiredOption('--user <id>', 'the user it belongs to', wholeNumber)
    .addHelpText('after', CREATE_EXAMPLE)
    .option('--public-key <text>', 'bring along a key of the original service (with --private-key)')
    .option('--private-key <text>', 'bring along a key of the original service (with --public-key)')
    .action(async (options: CreateOptions) => {
      const { publicKey, privateKey } = options;
      const keys = publicKey === undefined && privateKey === undefined ? null : { publicKey, privateKey };
      const settings = { ...defaultSettings, ...settingsOf(options) } as MerchantSettings;
      const logo = await logoOf(options);
      const input = { userId: options.user, settings, keys, ...logo };
      const made = await onInstallation(options, async installation =>
        accept(await createMerchant({ ...installation, randomBytes }, input), OPTION_NAMES),
      );
      if (options.json) {
        printJson({
          id: made.id,
          public_key: made.publicKey,
          private_key: made.privateKey,
          webhook_secret: made.webhookSecret,
        });
        return;
      }
      print(`Merchant ${made.id} is added. These secrets are shown once:`);
      print(`  public key      ${made.publicKey}`);
      print(`  private key     ${made.privateKey}`);
      print(`  webhook secret  ${made.webhookSecret}`);
    });
}

const CREATE_EXAMPLE = `
Example:
  $ cryptoscan merchant create --user 1 --name 'My shop' --url https://shop.example --webhook-url https://shop.example/hook`;

function settingOptions(command: Command): Command {
  return pageOptions(policyOptions(basicOptions(command)));
}

function basicOptions(command: Command): Command {
  return command
    .option('--name <text>', 'the name payers see')
    .option('--url <url>', 'the shop')
    .option('--webhook-url <url>', 'where the shop is told of events; "none" for nowhere')
    .addOption(
      new Option('--auth <kind>', 'how API requests prove who they are (default: signature)').choices([
        'signature',
        'private-key',
      ]),
    )
    .option('--payment-minutes <n>', 'time to pay, 15 to 90 (default: 30)', wholeNumber)
    .option(
      '--compat <on|off>',
      'receive USDT on TRC-20 only, as integrations of the original expect (default: on)',
      onOff,
    )
    .option(
      '--webhook-private-key-header <on|off>',
      "send the private key itself in webhooks, as the original's handler expects in private-key mode (default: off)",
      onOff,
    )
    .addOption(
      new Option(
        '--signature-v2 <off|on|required>',
        'whether requests may or must use the second signature, which cannot be replayed (default: off)',
      ).choices(['off', 'on', 'required']),
    )
    .option(
      '--verified-only <on|off>',
      'refuse a manual confirmation whose transaction is not found on the chain (default: off)',
      onOff,
    );
}

function policyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--late <review|accept|reject>',
        'what becomes of a payment of the exact amount after the deadline (default: review)',
      ).choices([...latePolicies]),
    )
    .option(
      '--late-drift <percent>',
      'with --late accept: how far the currency may have moved against the dollar (default: 1)',
    )
    .option('--underpaid-tolerance <percent>', 'accept this much less than asked, 0 to 5 (default: 0)')
    .option('--overpaid-tolerance <percent>', 'accept this much more than asked, 0 to 100 (default: 0)')
    .option(
      '--remainder <on|off>',
      'take less than asked as a part, and ask the payer for exactly the rest (default: off)',
      onOff,
    )
    .option(
      '--events <list>',
      `events to be sent beside the documented ones, between commas: ${optInTypes.join(', ')}; "none" for no other (default: none)`,
      listed,
    );
}

function pageOptions(command: Command): Command {
  return command
    .option(
      '--page-origins <list>',
      'who may show the payment page in a frame: origins such as https://shop.example, between commas; "none" for nobody (default: none)',
      listed,
    )
    .option(
      '--return-hosts <list>',
      'hosts that payers are sent back to without a click, between commas; "none" for no host, "default" for the host of --url (default: default)',
      text => (text === 'default' ? text : listed(text)),
    )
    .addOption(
      new Option(
        '--language <code>',
        "the page's language where the payer's browser asks for none it has (default: none, which is English)",
      ).choices([...pageLanguages, 'none']),
    )
    .option(
      '--logo <file>',
      'a PNG, JPEG or WebP of at most 512 × 512 pixels and 64 KB, shown beside the name',
    )
    .option('--no-logo', 'show none');
}

/** Words between commas; "none" for no word. */
function listed(text: string): string[] {
  return text === 'none' ? [] : text.split(',').map(word => word.trim());
}

async function logoOf({ logo: path }: SettingOptions): Promise<{ logo?: Uint8Array | null }> {
  if (path === undefined) return {};
  return { logo: path === false ? null : await readBounded(path) };
}

/** The start of a file, which is more than a logo may have where there is more. */
async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_LOGO_FILE + 1));
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CommandError(2, `--logo: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Options that say "none" or "default" are null here: commander takes no null from what reads an option. */
function settingsOf(options: SettingOptions): Partial<MerchantSettings> {
  return given({
    name: options.name,
    url: options.url,
    webhookUrl: options.webhookUrl === 'none' ? null : options.webhookUrl,
    auth: options.auth,
    paymentMinutes: options.paymentMinutes,
    compat: options.compat,
    privateKeyHeader: options.webhookPrivateKeyHeader,
    signatureV2: options.signatureV2,
    verifiedOnly: options.verifiedOnly,
    pageOrigins: options.pageOrigins,
    returnHosts: options.returnHosts === 'default' ? null : options.returnHosts,
    language: options.language === 'none' ? null : options.language,
    late: options.late,
    lateDrift: options.lateDrift,
    underpaidTolerance: options.underpaidTolerance,
    overpaidTolerance: options.overpaidTolerance,
    remainder: options.remainder,
    optInEvents: options.events as MerchantSettings['optInEvents'] | undefined,
  });
}
