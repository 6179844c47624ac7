/** cryptoscan migrate: brings the schema of a database up to date. */
import type { Command } from 'commander';
import { migrateInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { print, printJson } from './output.ts';

export function registerMigrate(program: Command): void {
  installationOptions(program.command('migrate').description('bring the database schema up to date')).action(
    async (options: Common) => {
      const applied = await migrateInstallation(options);
      if (options.json) printJson({ applied });
      else print(applied.length > 0 ? `Applied: ${applied.join(', ')}.` : 'The schema is up to date.');
    },
  );
}
