/** Runs many histories side by side, each lane on a database of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Connection, openDb, poolConfig } from '../../server/src/store/db.ts';
import { startEmbeddedPostgres } from '../../server/src/store/embedded/embedded-postgres.ts';
import { migrate } from '../../server/src/store/migrate.ts';
import { letEmpty } from '../let-empty.ts';
import { AdminSession } from './admin.ts';
import { type HistoryResult, runHistory } from './history.ts';

export type RunOptions = {
  /** Seeds to run, in order. */
  seeds: Iterable<number>;
  lanes: number;
  /** Hears of each history as it ends. Answering false ends the run. */
  onHistory: (result: HistoryResult) => boolean;
};

/** Starts a PostgreSQL of its own without fsync, runs the histories, and removes it again. */
export async function runHistories({ seeds, lanes, onHistory }: RunOptions): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-simulate-'));
  const postgres = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined });
  if (!postgres.ok) throw new Error(postgres.fault);
  try {
    const source = seeds[Symbol.iterator]();
    let goOn = true;
    const next = () => (goOn ? source.next() : { done: true as const, value: undefined });
    await Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        runLane(postgres.value.connection, lane, {
          next,
          report: result => (goOn = onHistory(result) && goOn),
        }),
      ),
    );
  } finally {
    await postgres.value.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function runLane(
  connection: Exclude<Connection, { url: string }>,
  lane: number,
  { next, report }: { next: () => IteratorResult<number, unknown>; report: (result: HistoryResult) => void },
): Promise<void> {
  const database = `lane_${lane}`;
  const root = new pg.Client(poolConfig(connection, 1));
  await root.connect();
  await root.query(`create database ${database}`);
  await root.end();
  const own = { ...connection, database };
  const db = openDb(poolConfig(own, 1), () => undefined);
  await migrate(db);
  await letEmpty(db);
  await db.destroy();
  const admin = await AdminSession.open(own);
  for (let seed = next(); !seed.done; seed = next()) {
    report(await runHistory(seed.value, { connection: own, admin }));
  }
  await admin.close();
}
