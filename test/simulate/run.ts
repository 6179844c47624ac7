/** Runs many histories side by side, each lane on a database of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDb, poolConfig } from '../../server/src/store/db.ts';
import { connectToRunning } from '../../server/src/store/embedded/connect-to-running.ts';
import { startEmbeddedPostgres } from '../../server/src/store/embedded/embedded-postgres.ts';
import type { PostgresConnection } from '../../server/src/store/embedded/session.ts';
import { migrate } from '../../server/src/store/migrate.ts';
import { AdminSession } from './admin.ts';
import { type HistoryResult, runHistory } from './history.ts';
import { Lines } from './lines.ts';

export type RunOptions = {
  /** Seeds to run, in order. */
  seeds: Iterable<number>;
  lanes: number;
  /** Hears of each history as it ends. Answering false ends the run. */
  onHistory: (result: HistoryResult) => boolean;
  /** The folder of a throw-away PostgreSQL that runs already; without it one is started. */
  dir?: string;
};

type Server = { connection: PostgresConnection; close: () => Promise<void> };

/** Starts a PostgreSQL of its own without fsync and answers its folder; `stop` removes it again. */
export async function startThrowAway(): Promise<Server & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-simulate-'));
  const postgres = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined });
  if (!postgres.ok) throw new Error(postgres.fault);
  const close = async () => {
    await postgres.value.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { dir, connection: postgres.value.connection, close };
}

async function connectTo(dir: string): Promise<Server> {
  const running = await connectToRunning(dir);
  if (!running.ok) throw new Error(running.fault);
  return { connection: running.value.connection, close: () => running.value.close() };
}

/** Runs the histories, each lane in a database that is made for it and dropped again. */
export async function runHistories({ seeds, lanes, onHistory, dir }: RunOptions): Promise<void> {
  const server = dir === undefined ? await startThrowAway() : await connectTo(dir);
  try {
    const source = seeds[Symbol.iterator]();
    let goOn = true;
    const next = () => (goOn ? source.next() : { done: true as const, value: undefined });
    const lane = (number: number) =>
      runLane(server.connection, `lane_${process.pid}_${number}`, {
        next,
        report: result => (goOn = onHistory(result) && goOn),
      }).catch(error => {
        // The others end their history first: the server is theirs, too.
        goOn = false;
        throw error;
      });
    const ended = await Promise.allSettled(Array.from({ length: lanes }, (_, number) => lane(number)));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  } finally {
    await server.close();
  }
}

async function runLane(
  connection: PostgresConnection,
  database: string,
  { next, report }: { next: () => IteratorResult<number, unknown>; report: (result: HistoryResult) => void },
): Promise<void> {
  await asOwner(connection, `create database ${database}`);
  const own = { ...connection, database };
  const db = openDb(poolConfig(own, 1), () => undefined);
  await migrate(db);
  await db.destroy();
  const admin = await AdminSession.open(own);
  const lines = new Lines(own);
  for (let seed = next(); !seed.done; seed = next()) {
    report(await runHistory(seed.value, { lines, admin }));
  }
  await lines.close();
  await admin.close();
  await asOwner(connection, `drop database ${database} with (force)`);
}

async function asOwner(connection: PostgresConnection, statement: string): Promise<void> {
  const client = new pg.Client(poolConfig(connection, 1));
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
