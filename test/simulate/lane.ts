/**
 * One lane: histories one after the other, in a database that is made for them and dropped again. Lanes that run side by side
 * have a process each (`lane-process.ts`), since one process keeps one processor busy.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openDb, poolConfig } from '../../server/src/store/db.ts';
import type { PostgresConnection } from '../../server/src/store/embedded/session.ts';
import { migrate } from '../../server/src/store/migrate.ts';
import { AdminSession } from './admin.ts';
import { type HistoryResult, runHistory } from './history.ts';
import { Lines } from './lines.ts';

/** Runs histories one at a time. */
export type Lane = { run: (seed: number) => Promise<HistoryResult>; close: () => Promise<void> };

/** A lane in this very process. */
export async function openLane(connection: PostgresConnection): Promise<Lane> {
  const database = `lane_${process.pid}`;
  await asOwner(connection, `create database ${database}`);
  const own = { ...connection, database };
  const db = openDb(poolConfig(own, 1), () => undefined);
  await migrate(db);
  await db.destroy();
  const admin = await AdminSession.open(own);
  const lines = new Lines(own);
  const close = async () => {
    await lines.close();
    await admin.close();
    // By force only where somebody was left behind: PostgreSQL's own vacuum gives way to the gentle one alone.
    const drop = `drop database ${database}`;
    await asOwner(connection, drop).catch(() => asOwner(connection, `${drop} with (force)`));
  };
  return { run: seed => runHistory(seed, { lines, admin }), close };
}

async function asOwner(connection: PostgresConnection, statement: string): Promise<void> {
  const client = new pg.Client(poolConfig(connection, 1));
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** What is told to a lane's process: the folder of its PostgreSQL once, then a seed at a time. `own`: its number, where it is to keep to a processor. */
export type ToLane = { dir: string; own: number | null } | { seed: number };

/** A lane in a process of its own, on the PostgreSQL of a folder. */
export function forkLane(dir: string, own: number | null): Lane {
  const script = fileURLToPath(new URL('./lane-process.ts', import.meta.url));
  const child = fork(script, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
  const ended = once(child, 'exit');
  tell(child, { dir, own });
  return {
    run: seed =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new Error(`the lane's process ended during seed ${seed}`));
        child.once('exit', fail);
        child.once('message', (result: HistoryResult) => {
          child.off('exit', fail);
          resolve(result);
        });
        if (child.connected) tell(child, { seed });
        else fail();
      }),
    close: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

const tell = (child: ChildProcess, message: ToLane) => child.send(message);
