/** cryptoscan wallet add | list | update */
import { type Command, Option } from 'commander';
import { addWallet } from '../commands/add-wallet.ts';
import { explainBalance } from '../commands/explain-balance.ts';
import { updateWallet } from '../commands/update-wallet.ts';
import type { WalletSettings } from '../commands/wallet-settings.ts';
import { type AssetCode, isNative } from '../domain/asset.ts';
import { listWallets } from '../store/wallets.ts';
import { coinAmount } from './coin-amount.ts';
import { onInstallation } from './installation.ts';
import { type Common, given, installationOptions, onOff, wholeNumber } from './options.ts';
import { accept, print, printJson, printTable } from './output.ts';

type SettingOptions = {
  digits?: number;
  maxTail?: number;
  commissionPayer?: WalletSettings['commissionPayer'];
  holdHours?: number;
  active?: boolean;
  qr?: 'address' | 'uri';
};
type AddOptions = Common &
  SettingOptions & { merchant: number; cryptocurrency: string; network: string; address: string };

const DEFAULTS: WalletSettings = {
  maxTail: 999,
  commissionPayer: 'merchant',
  holdHours: 24,
  active: true,
};

const OPTION_NAMES = { wallet: 'wallet' };

export function registerWallet(program: Command): void {
  const wallet = program.command('wallet').description('addresses that merchants own');
  registerAdd(wallet);
  installationOptions(wallet.command('list').description('all wallets'))
    .option('--merchant <id>', 'of this merchant only', wholeNumber)
    .action(async (options: Common & { merchant?: number }) => {
      const rows = await onInstallation(options, async ({ db, vault, networks }) =>
        (await listWallets(db, vault, options.merchant ?? null)).map(({ unexplained, ...row }) => ({
          ...row,
          unexplained: unexplained && coinAmount(networks, { ...row, units: unexplained }),
        })),
      );
      if (options.json) printJson(rows);
      else printTable(rows);
    });
  installationOptions(
    wallet
      .command('explained')
      .description('note that you know where what no transfer explains came from')
      .argument('<id>', 'the wallet', wholeNumber),
  ).action(async (id: number, options: Common) => {
    const explained = await onInstallation(options, async installation =>
      accept(await explainBalance(installation, id), OPTION_NAMES),
    );
    if (options.json) printJson({ id, explained });
    else print(explained ? `Wallet ${id} is explained.` : `Wallet ${id} holds nothing unexplained.`);
  });
  settingOptions(installationOptions(wallet.command('update').description('change settings')))
    .argument('<id>', 'the wallet', wholeNumber)
    .action(async (id: number, options: Common & SettingOptions) => {
      const changed = await onInstallation(options, async installation =>
        accept(await updateWallet(installation, id, settingsOf(options)), OPTION_NAMES),
      );
      if (options.json) printJson({ id: changed.id, active_from: changed.activeFrom });
      else print(`Wallet ${changed.id} is changed${heldUntil(changed)}.`);
    });
}

function registerAdd(wallet: Command): void {
  settingOptions(
    installationOptions(wallet.command('add').description('register a wallet the merchant owns')),
  )
    .requiredOption('--merchant <id>', 'the merchant', wholeNumber)
    .requiredOption(
      '--cryptocurrency <code>',
      'USDT, USDC, DAI, or the coin of the network: TRX, ETH, BNB, POL, AVAX',
    )
    .requiredOption(
      '--network <code>',
      'TRC-20, ERC-20, BEP-20, POLYGON, ARBITRUM, OPTIMISM, BASE or AVALANCHE',
    )
    .requiredOption(
      '--address <address>',
      'where payers send the money; never a private key or a recovery phrase',
    )
    .action(async (options: AddOptions) => {
      const added = await onInstallation(options, async installation =>
        accept(
          await addWallet(installation, {
            merchantId: options.merchant,
            network: options.network,
            cryptocurrency: options.cryptocurrency,
            address: options.address,
            settings: { ...DEFAULTS, ...settingsOf(options) },
          }),
        ),
      );
      if (options.json) printJson({ id: added.id, address: added.address, active_from: added.activeFrom });
      else {
        print(`Wallet ${added.id} is registered: ${added.address}${heldUntil(added)}`);
        if (isNative(options.cryptocurrency as AssetCode)) print(notSeen(options.cryptocurrency));
      }
    });
}

function settingOptions(command: Command): Command {
  return command
    .option(
      '--digits <n>',
      'digits after the decimal point, 2 to 8 (default: 3; 5 for AVAX, 6 for BNB, 7 for ETH)',
      wholeNumber,
    )
    .option('--max-tail <n>', 'largest tail, in units of the last digit (default: 999)', wholeNumber)
    .addOption(
      new Option('--commission-payer <who>', 'who pays the commission (default: merchant)').choices([
        'payer',
        'merchant',
      ]),
    )
    .option(
      '--hold-hours <n>',
      'how long an amount stays held after its invoice has ended (default: 24)',
      wholeNumber,
    )
    .addOption(
      new Option(
        '--qr <what>',
        'what the QR code on the page holds: the address, or a link with the amount, which few wallets read rightly (default: address)',
      ).choices(['address', 'uri']),
    )
    .option(
      '--active <on|off>',
      'whether new invoices may use it; it is watched either way (default: on)',
      onOff,
    );
}

function settingsOf(options: SettingOptions): Partial<WalletSettings> {
  return given({
    digits: options.digits,
    maxTail: options.maxTail,
    commissionPayer: options.commissionPayer,
    holdHours: options.holdHours,
    active: options.active,
    qr: options.qr,
  });
}

/** What no block shows: told at the moment when somebody may still choose otherwise. */
const notSeen = (coin: string): string =>
  `${coin} that a contract sends (payouts of some exchanges, Safe wallets) is not recognised as a payment: it is not in the block. Such money shows as unexplained in \`cryptoscan wallet list\`.`;

/** The account has owners who are to see a second wallet before it is paid on. */
function heldUntil({ activeFrom }: { activeFrom: number | null }): string {
  return activeFrom === null ? '' : ` (takes invoices from ${new Date(activeFrom).toISOString()} on)`;
}
