import { readdirSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockWaiters } from '../../../test/lock-waiters.ts';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { until } from '../../../test/until.ts';
import { openDb, poolConfig } from './db.ts';
import { migrate, migrateTo, pendingMigrations } from './migrate.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase({ schema: false });
});

afterEach(() => database.close());

async function tables(): Promise<string[]> {
  const found = await database.db.introspection.getTables();
  return found.map(table => table.name).sort();
}

/** Every file of the folder is a migration of the list. */
const ALL = readdirSync(new URL('./migrations', import.meta.url))
  .filter(name => !name.endsWith('.test.ts'))
  .map(name => name.replace(/\.ts$/, ''))
  .sort();

describe('migrating', () => {
  test('an empty database makes every table', async () => {
    expect(await pendingMigrations(database.db)).toEqual(ALL);
    expect(await migrate(database.db)).toEqual(ALL);
    expect(await pendingMigrations(database.db)).toEqual([]);
    expect(await tables()).toContain('invoices');
  });

  test('a second time changes nothing', async () => {
    await migrate(database.db);
    await sql`insert into watch_sets values ('TRC-20', 7)`.execute(database.db);
    const before = await tables();
    expect(await migrate(database.db)).toEqual([]);
    expect(await tables()).toEqual(before);
    expect(await database.db.selectFrom('watch_sets').select('version').execute()).toEqual([{ version: 7 }]);
  });

  test('refuses a schema that a newer version made, and leaves it alone', async () => {
    await migrate(database.db);
    await sql`insert into kysely_migration values ('0999-from-tomorrow', '2030-01-01')`.execute(database.db);
    await expect(migrate(database.db)).rejects.toThrow('0999-from-tomorrow');
    await expect(migrate(database.db)).rejects.toThrow('used by a newer one');
  });

  test('by several processes at once happens once', async () => {
    const pools = Array.from({ length: 4 }, () =>
      openDb(poolConfig(database.connection, 2), () => undefined),
    );
    try {
      const applied = await Promise.all(pools.map(migrate));
      expect(applied.toSorted()).toEqual([[], [], [], ALL]);
    } finally {
      for (const pool of pools) await pool.destroy();
    }
  });

  test('waits for whoever reads for long, and lets the others pass meanwhile', async () => {
    await migrateTo(database.db, '0011-dashboard');
    const reader = await database.db.startTransaction().execute();
    await sql`select from wallets`.execute(reader);
    const migrating = migrate(database.db);
    const wait = { timeout: 20_000, interval: 5 };
    await until(async () => (await lockWaiters(database.db)) > 0, wait);
    // Who comes now queues behind the change of the table, and not for longer than that waits.
    await sql`select from wallets`.execute(database.db);
    await reader.commit().execute();
    expect((await migrating).length).toBeGreaterThan(0);
    expect(await pendingMigrations(database.db)).toEqual([]);
  });

  test('that fails half-way leaves nothing behind', async () => {
    // A table in the way of one of the last that the migration makes.
    await sql`create table attempts (n int)`.execute(database.db);
    await expect(migrate(database.db)).rejects.toThrow('"attempts" already exists');
    expect(await tables()).toEqual(['attempts']);
    await sql`drop table attempts`.execute(database.db);
    expect(await migrate(database.db)).toEqual(ALL);
  });
});
