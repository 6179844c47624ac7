/** Brings the schema up to date: forward only, one migrator at a time (Kysely takes an advisory lock). */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Migration,
  type MigrationProvider,
  type MigrationResult,
  type MigrationResultSet,
  Migrator,
  sql,
} from 'kysely';
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
  const results = await withoutQueue(db, migrator => migrator.migrateToLatest());
  return results.filter(result => result.status === 'Success').map(result => result.migrationName);
}

/** Applies those up to this one, which must be one of `knowsSchema`. */
export async function migrateTo(db: Db, name: string): Promise<void> {
  await withoutQueue(db, migrator => migrator.migrateTo(name));
}

/**
 * A change of a table waits for whoever reads it, and everybody else for that change. So it waits two seconds at most, lets
 * the others pass, and tries again: everything it has done so far is undone with it.
 */
const LOCK_TIMEOUT = '2s';
const LOCK_NOT_AVAILABLE = '55P03';
const PAUSE = 3000;
const TRIES = 100;

async function withoutQueue(
  db: Db,
  work: (migrator: Migrator) => Promise<MigrationResultSet>,
): Promise<readonly MigrationResult[]> {
  for (let attempt = 1; ; attempt++) {
    const { error, results = [] } = await db.connection().execute(async one => {
      await sql`select set_config('lock_timeout', ${LOCK_TIMEOUT}, false)`.execute(one);
      try {
        return await work(new Migrator({ db: one, provider }));
      } finally {
        await sql`reset lock_timeout`.execute(one);
      }
    });
    if (!error) return results;
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE || attempt === TRIES) throw error;
    await sleep(PAUSE);
  }
}

/** Whether a schema of these migrations, in order, is one that this program can make and bring up to date. */
export function knowsSchema(names: readonly string[]): boolean {
  const known = Object.keys(migrations).sort();
  return names.length > 0 && names.every((name, index) => known[index] === name);
}

/** The migrations that were applied, in order; none where there is no schema. */
export async function appliedMigrations(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(table => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** The migrations not yet applied; empty when the schema is this program's own. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const found = await new Migrator({ db, provider }).getMigrations();
  return found.filter(migration => !migration.executedAt).map(migration => migration.name);
}

/** Why a command of this version must leave this schema alone; null when it is its own. */
export async function schemaFault(db: Db): Promise<string | null> {
  const pending = await pendingMigrations(db);
  if (pending.length > 0) return 'The schema is not up to date: run `cryptoscan migrate` first.';
  return newerFault(db);
}

async function refuseNewer(db: Db): Promise<void> {
  const fault = await newerFault(db);
  if (fault !== null) throw new Error(fault);
}

async function newerFault(db: Db): Promise<string | null> {
  const unknown = (await appliedMigrations(db)).filter(name => !(name in migrations));
  return unknown.length === 0
    ? null
    : `The database has migrations this version does not know (${unknown.join(', ')}): it was used by a newer one. Start that version, or a newer one.`;
}
