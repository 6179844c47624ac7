/**
 * The database of a data folder for one command: through the server that runs there, or through one of our own for as
 * long as the command takes. Commands that come in through somebody's server are its guests; they hold a lock, shared,
 * that the server of a command takes alone before it stops: so none is cut off.
 */
import type { Client } from 'pg';
import { type Connection, isUnavailable } from '../store/db.ts';
import { connectToRunning } from '../store/embedded/connect-to-running.ts';
import { startEmbeddedPostgres } from '../store/embedded/embedded-postgres.ts';
import { type PostgresConnection, withSession } from '../store/embedded/session.ts';
import { CommandError } from './exit.ts';

const PATIENCE = 30_000;
const PAUSE = 100;

type Work<T> = (connection: Connection) => Promise<T>;

/** Between another command's start and end nobody's server is to be had for a moment: then it is tried again. */
export async function onPostgres<T>(folder: string, work: Work<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const running = await connectToRunning(folder);
    if (running.ok) {
      try {
        const done = await asGuest(running.value.connection, work);
        if (done) return done.value;
      } finally {
        await running.value.close();
      }
    }
    const started = await startEmbeddedPostgres({ dir: folder, log: () => undefined });
    if (started.ok) {
      try {
        return await work(started.value.connection);
      } finally {
        await withoutGuests(started.value.connection, () => started.value.stop());
      }
    }
    if (performance.now() > deadline) throw new CommandError(1, started.fault);
    await new Promise(resolve => setTimeout(resolve, PAUSE));
  }
}

/** null: the server is about to stop, and nothing was done. */
async function asGuest<T>(connection: PostgresConnection, work: Work<T>): Promise<{ value: T } | null> {
  let isIn = false;
  try {
    return await withSession(connection, async client => {
      isIn = await lock(client, 'pg_try_advisory_lock_shared');
      return isIn ? { value: await work(connection) } : null;
    });
  } catch (error) {
    if (!isIn && isUnavailable(error)) return null;
    throw error;
  }
}

/** Waits for the guests to leave and lets nobody in any more. */
async function withoutGuests(connection: PostgresConnection, stop: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  try {
    await withSession(connection, async client => {
      while (!(await lock(client, 'pg_try_advisory_lock')) && performance.now() < deadline) {
        await new Promise(resolve => setTimeout(resolve, PAUSE));
      }
      await stop();
    });
  } finally {
    await stop();
  }
}

/** Held for as long as the session; two numbers, so that it meets no lock made from one. */
async function lock(client: Client, take: 'pg_try_advisory_lock' | 'pg_try_advisory_lock_shared') {
  const { rows } = await client.query<{ held: boolean }>(`select ${take}(1129465172, 1) as held`);
  return rows[0]?.held === true;
}
