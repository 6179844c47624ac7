/**
 * One PostgreSQL for a whole test run, and in it a template: a database with the schema, that each test file copies.
 * What the files need to find it goes to them through vitest's `provide`; see pg.ts.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { TestProject } from 'vitest/node';
import { openDb, poolConfig } from '../server/src/store/db.ts';
import { startEmbeddedPostgres } from '../server/src/store/embedded/embedded-postgres.ts';
import type { PostgresConnection } from '../server/src/store/embedded/session.ts';
import { migrate } from '../server/src/store/migrate.ts';

const TEMPLATE = 'migrated_template';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The data folder of the run's PostgreSQL, and its migrated database. */
    postgres: { dir: string; template: string };
  }
}

/** Answers what vitest calls after the last test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-tests-'));
  // A run that is aborted ends without the teardown: PostgreSQL's watchdog then stops the server, and this the folder.
  const sweep = () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', sweep);
  const started = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  const server = started.value;
  const teardown = async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
    process.off('exit', sweep);
  };
  try {
    await makeTemplate(server.connection);
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide('postgres', { dir, template: TEMPLATE });
  return teardown;
}

async function makeTemplate(connection: PostgresConnection): Promise<void> {
  await withDb(connection, db => sql`create database ${sql.id(TEMPLATE)}`.execute(db));
  await withDb({ ...connection, database: TEMPLATE }, migrate);
}

async function withDb(
  connection: PostgresConnection,
  work: (db: ReturnType<typeof openDb>) => Promise<unknown>,
): Promise<void> {
  const db = openDb(poolConfig(connection, 1), () => undefined);
  try {
    await work(db);
  } finally {
    await db.destroy();
  }
}
