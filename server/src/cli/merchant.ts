/** cryptoscan merchant create | list | update */

import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { createMerchant } from '../commands/create-merchant.ts';
import { defaultSettings, type MerchantSettings } from '../commands/merchant-settings.ts';
import { rotateKeys } from '../commands/rotate-keys.ts';
import { updateMerchant } from '../commands/update-merchant.ts';
import { listMerchants } from '../store/merchants.ts';
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
};
type CreateOptions = Common & SettingOptions & { user: number; publicKey?: string; privateKey?: string };

const OPTION_NAMES = {
  publicKey: '--public-key',
  privateKey: '--private-key',
  privateKeyHeader: '--webhook-private-key-header',
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
      const changed = await onInstallation(options, async ({ db, allow }) =>
        accept(await updateMerchant({ db, allow }, id, settingsOf(options)), OPTION_NAMES),
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
      const made = await onInstallation(options, async installation =>
        accept(
          await createMerchant({ ...installation, randomBytes }, { userId: options.user, settings, keys }),
          OPTION_NAMES,
        ),
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
  });
}
