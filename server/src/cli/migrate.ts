/** cryptoscan migrate: brings the schema of a database up to date. */
import type { Command } from 'commander';
import { databaseUrl, readConfig } from '../config.ts';
import { openDb, poolConfig } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';
import { onInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { print, printJson } from './output.ts';

export function registerMigrate(program: Command): void {
  installationOptions(program.command('migrate').description('bring the database schema up to date')).action(
    async (options: Common) => {
      const applied = await applyMigrations(options);
      if (options.json) printJson({ applied });
      else print(applied.length > 0 ? `Applied: ${applied.join(', ')}.` : 'The schema is up to date.');
    },
  );
}

async function applyMigrations(options: Common): Promise<string[]> {
  const config = readConfig(options.config);
  const url = config.ok ? config.value.databaseUrl : databaseUrl();
  // On a folder, opening the installation migrates it.
  if (options.dataDir !== undefined || options.embedded || !url)
    return onInstallation(options, async () => []);
  const db = openDb(poolConfig({ url }, 2), () => undefined);
  try {
    return await migrate(db);
  } finally {
    await db.destroy();
  }
}
