/** Brings the schema up to date: forward only, one migrator at a time (Kysely takes an advisory lock). */
import { type Migration, type MigrationProvider, Migrator } from 'kysely';
import type { Db } from './db.ts';
import { up as initial } from './migrations/0001-initial.ts';
import { up as wholeApi } from './migrations/0002-whole-api.ts';
import { up as searchAndChoice } from './migrations/0003-search-and-choice.ts';
import { up as replacedMethods } from './migrations/0004-replaced-methods.ts';
import { up as merchantPages } from './migrations/0005-merchant-pages.ts';
import { up as paymentLinks } from './migrations/0006-payment-links.ts';
import { up as ledger } from './migrations/0007-ledger.ts';
import { up as people } from './migrations/0008-people.ts';
import { up as policies } from './migrations/0009-policies.ts';
import { up as providers } from './migrations/0010-providers.ts';
import { up as dashboard } from './migrations/0011-dashboard.ts';
import { up as walletHold } from './migrations/0012-wallet-hold.ts';
import { up as strayTransfers } from './migrations/0014-stray-transfers.ts';
import { up as remainders } from './migrations/0015-remainders.ts';
import { up as notices } from './migrations/0017-notices.ts';
import { up as nativeCoins } from './migrations/0019-native-coins.ts';
import { up as balanceChecks } from './migrations/0021-balance-checks.ts';
import { up as integrity } from './migrations/0024-integrity.ts';

/** Every migration, oldest first. A released one is never edited; a change is a new line here. */
const migrations: Record<string, Migration> = {
  '0001-initial': { up: initial },
  '0002-whole-api': { up: wholeApi },
  '0003-search-and-choice': { up: searchAndChoice },
  '0004-replaced-methods': { up: replacedMethods },
  '0005-merchant-pages': { up: merchantPages },
  '0006-payment-links': { up: paymentLinks },
  '0007-ledger': { up: ledger },
  '0008-people': { up: people },
  '0009-policies': { up: policies },
  '0010-providers': { up: providers },
  '0011-dashboard': { up: dashboard },
  '0012-wallet-hold': { up: walletHold },
  '0014-stray-transfers': { up: strayTransfers },
  '0015-remainders': { up: remainders },
  '0017-notices': { up: notices },
  '0019-native-coins': { up: nativeCoins },
  '0021-balance-checks': { up: balanceChecks },
  '0024-integrity': { up: integrity },
};

const provider: MigrationProvider = { getMigrations: async () => migrations };

/** Applies what is missing and answers the names of what was applied. Refuses a schema newer than this program. */
export async function migrate(db: Db): Promise<string[]> {
  await refuseNewer(db);
  const migrator = new Migrator({ db, provider });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw error;
  return results.filter(result => result.status === 'Success').map(result => result.migrationName);
}

/** Applies those up to this one, which must be one of `knowsSchema`. */
export async function migrateTo(db: Db, name: string): Promise<void> {
  const { error } = await new Migrator({ db, provider }).migrateTo(name);
  if (error) throw error;
}

/** Whether a schema of these migrations, in order, is one that this program can make and bring up to date. */
export function knowsSchema(names: readonly string[]): boolean {
  const known = Object.keys(migrations).sort();
  return names.length > 0 && names.every((name, index) => known[index] === name);
}

/** The migrations not yet applied; empty when the schema is this program's own. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const found = await new Migrator({ db, provider }).getMigrations();
  return found.filter(migration => !migration.executedAt).map(migration => migration.name);
}

async function refuseNewer(db: Db): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(table => table.name === 'kysely_migration')) return;
  const applied = await db
    .selectFrom('kysely_migration' as never)
    .select('name' as never)
    .execute();
  const unknown = (applied as { name: string }[]).map(row => row.name).filter(name => !(name in migrations));
  if (unknown.length > 0) {
    throw new Error(
      `The database has migrations this version does not know (${unknown.join(', ')}): it was used by a newer one. Start that version, or a newer one.`,
    );
  }
}
