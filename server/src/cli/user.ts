/** cryptoscan user create | list | update: the accounts whose merchants are here, and what they are charged. */
import type { Command } from 'commander';
import { changeUser } from '../commands/change-user.ts';
import { createUser } from '../commands/create-user.ts';
import { formatNumber } from '../domain/money.ts';
import { formatBalance, usdFrom } from '../domain/usd.ts';
import { percentFrom } from '../store/ledger.ts';
import { listUsers } from '../store/users.ts';
import { onInstallation } from './installation.ts';
import { lineFromInput } from './line-from-input.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { accept, print, printJson, printTable } from './output.ts';
import { registerBalance } from './user-balance.ts';

type CreateOptions = Common & { email: string; password?: string; commission?: string };

const COMMISSION =
  'percent of what is requested that is taken when an invoice is paid; "default": the operator’s';

export function registerUser(program: Command): void {
  const user = program.command('user').description('accounts that merchants belong to, and their balances');
  installationOptions(user.command('create').description('register a user'))
    .requiredOption('--email <address>', 'e-mail address')
    .option('--password <text>', 'password; without it one line is read from standard input')
    .option('--commission <percent>', COMMISSION)
    .addHelpText('after', '\nExample:\n  $ echo "$PASSWORD" | cryptoscan user create --email me@example.com')
    .action(async (options: CreateOptions) => {
      const password = options.password ?? (await lineFromInput('Password'));
      const { email, commission } = options;
      const { id } = await onInstallation(options, async ({ db, clock }) =>
        accept(await createUser({ db, clock }, { email, password, commission })),
      );
      if (options.json) printJson({ id });
      else print(`User ${id} is registered.`);
    });
  registerList(user);
  installationOptions(user.command('update').argument('<id>', 'the user', wholeNumber))
    .description('change what a user is charged; open invoices keep the percent they have')
    .requiredOption('--commission <percent>', COMMISSION)
    .action(async (id: number, options: Common & { commission: string }) => {
      const changed = await onInstallation(options, async installation =>
        accept(await changeUser(installation, id, { commission: options.commission }), { user: 'user' }),
      );
      if (options.json) printJson({ id, commission_percent: changed.commissionPercent });
      else print(`User ${id} is charged ${changed.commissionPercent ?? 'the operator’s default'} percent.`);
    });
  registerBalance(user);
}

function registerList(user: Command): void {
  installationOptions(user.command('list').description('all users')).action(async (options: Common) => {
    const rows = await onInstallation(options, ({ db }) => listUsers(db));
    const shown = rows.map(({ commission_percent, balance, ...row }) => ({
      ...row,
      commission_percent: commission_percent && formatNumber(percentFrom(commission_percent)),
      balance: formatBalance(usdFrom(balance ?? '0')),
    }));
    if (options.json) printJson(shown);
    else printTable(shown);
  });
}
