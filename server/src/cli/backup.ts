/** cryptoscan backup: everything the database holds, as of one moment, in one file. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { monotonicClock } from '../lib/clock.ts';
import { dump } from '../store/backup/dump.ts';
import { synchronize } from '../store/db-clock.ts';
import { CommandError } from './exit.ts';
import { onPlace, withDb } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { print, printJson } from './output.ts';

const AFTER = `
Servers go on meanwhile. The master key is not in the file: keep it apart, in two places. Without it no backup can be
restored. The file holds e-mail addresses and invoices in the clear; it is readable by its owner alone.`;

export function registerBackup(program: Command): void {
  installationOptions(
    program.command('backup').description('write everything the database holds into one file'),
  )
    .option('--out <file>', 'the file to make (default: cryptoscan-<time>.backup, here)')
    .addHelpText('after', AFTER)
    .action(async (options: Common & { out?: string }) => {
      const done = await onPlace(options, async ({ connection, vault }) => {
        const now = await withDb(connection, async db => {
          const clock = monotonicClock();
          await synchronize(db, clock);
          return clock.now();
        });
        const file = resolve(options.out ?? nameAt(now));
        if (existsSync(file)) throw new CommandError(1, `${file} is there already, and is left as it is.`);
        return dump(connection, { vault, file, now });
      });
      const rows = Object.values(done.rows).reduce((sum, n) => sum + n, 0);
      if (options.json) return printJson(done);
      print(`${done.file}: ${rows} rows of ${Object.keys(done.rows).length} tables, ${sizeOf(done.bytes)}.`);
      print(`SHA-256 of its contents: ${done.sha256}. The master key is not in it: keep that apart.`);
    });
}

const nameAt = (now: number): string =>
  `cryptoscan-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '')}Z.backup`;

const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
