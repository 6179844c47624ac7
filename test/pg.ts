/** A database of its own for a test file, copied from the template that global-setup.ts made for the run. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { type Db, openDb, poolConfig } from '../server/src/store/db.ts';
import { connectToRunning } from '../server/src/store/embedded/connect-to-running.ts';
import type { PostgresConnection } from '../server/src/store/embedded/session.ts';
import { clearing } from './clearing.ts';

export type TestDatabase = {
  db: Db;
  /** Valid in this process only; for a test that opens connections of its own, which it must close. */
  connection: PostgresConnection;
  /** Empties every table and starts every sequence anew. */
  clear(): Promise<void>;
  /** Closes the pool and drops the database, whoever is still connected to it. */
  close(): Promise<void>;
};

const POOL = 10;

/** `schema: false` gives an empty database, without any table. */
export async function testDatabase({ schema = true } = {}): Promise<TestDatabase> {
  const { dir, template } = inject('postgres');
  const running = await connectToRunning(dir);
  if (!running.ok) throw new Error(running.fault);
  const admin = openDb(poolConfig(running.value.connection, 1), () => undefined);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await sql`create database ${sql.id(name)} template ${sql.id(schema ? template : 'template0')}`.execute(
    admin,
  );
  const connection = { ...running.value.connection, database: name };
  const db = openDb(poolConfig(connection, POOL), () => undefined);
  return {
    db,
    connection,
    clear: clearing(db),
    close: async () => {
      await db.destroy();
      await drop(admin, name);
      await admin.destroy();
      await running.value.close();
    },
  };
}

/**
 * Whoever is just leaving it, or is sent away, may not be gone at the first try. PostgreSQL's own vacuum gives way and is waited
 * for, but only where nobody is to be sent away: that takes a superuser.
 */
async function drop(admin: Db, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const others = tries % 2 === 0 ? sql`with (force)` : sql``;
    try {
      await sql`drop database if exists ${sql.id(name)} ${others}`.execute(admin);
      return;
    } catch (error) {
      if (tries === 6) throw error;
    }
  }
}

/** Opens every connection of the pool: only then does what is asked at once run at once. */
export async function warm(db: Db): Promise<void> {
  await Promise.all(Array.from({ length: POOL }, () => sql`select`.execute(db)));
}
