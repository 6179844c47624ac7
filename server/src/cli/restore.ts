/** cryptoscan restore: a backup into an empty database. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { monotonicClock } from '../lib/clock.ts';
import { restore } from '../store/backup/restore.ts';
import { synchronize } from '../store/db-clock.ts';
import { CommandError } from './exit.ts';
import { onPlace, withDb } from './installation.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { print, printJson } from './output.ts';

/** The longest an invoice may be paid, 90 minutes, and its grace. */
const LONGEST = 92;

const AFTER = `
The database must be empty, and the master key the one of the installation: CRYPTOSCAN_MASTER_KEY, or with --embedded
master.key in the new data folder. All of the file is checked before anything is written.

Invoices made after the backup are not known any more, but their payers may still pay: so wallets take no new invoices for
92 minutes, the longest a payer has, unless you say otherwise. What comes is listed by \`transfer list --tasks\`.`;

export function registerRestore(program: Command): void {
  installationOptions(program.command('restore').description('load a backup into an empty database'))
    .argument('<file>', 'what `cryptoscan backup` has made')
    .option('--wait-minutes <n>', 'how long wallets take no new invoices', wholeNumber, LONGEST)
    .addHelpText('after', AFTER)
    .action(async (name: string, options: Common & { waitMinutes: number }) => {
      const { waitMinutes } = options;
      const restored = await onPlace(options, ({ connection, vault }) =>
        withDb(connection, async db => {
          const clock = monotonicClock();
          await synchronize(db, clock);
          return restore({ db, connection }, { vault, file: resolve(name), now: clock.now(), waitMinutes });
        }),
      );
      if (!restored.ok) throw new CommandError(1, restored.fault);
      const { made_at, rows } = restored.value;
      if (options.json) return printJson({ made_at, rows });
      print(
        `Restored as it was at ${made_at}: ${rows.invoices ?? 0} invoices, ${rows.transfers ?? 0} transfers.`,
      );
      print(
        'Start the servers: they read the chains on from where the backup stood, and find what was paid since.',
      );
      if (waitMinutes > 0)
        print(
          `Wallets take new invoices in ${waitMinutes} minutes, when payers of invoices that are lost have no time left.`,
        );
      print('Everybody has to sign in again, and who was invited has to be invited again.');
      print(
        'What was taken back since the backup is good again: take back once more keys, members, passwords, second factors, wallets, payment links and networks out of use.',
      );
      print('Then run `cryptoscan doctor`.');
    });
}
