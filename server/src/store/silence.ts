/**
 * A database whose host vanishes says nothing, not even that it is gone: whoever has asked it something would wait for as long as
 * the kernel does, which is many minutes. But a long silence may also be a long statement, or a wait for a lock. So where a
 * connection has been silent for some seconds, the database is asked by another one whether it is still at work there.
 */
import type { Socket } from 'node:net';
import pg from 'pg';

/** How long a connection may be silent before that is asked, in ms. */
const SILENCE = 10_000;
/** How long the database has to answer it. */
const PATIENCE = 3000;

/** The same way to connect, with an end to each connection whose answer will never come. `silence` in ms. */
export function watched(config: pg.PoolConfig, silence = SILENCE): pg.PoolConfig {
  return {
    ...config,
    onConnect: async client => {
      await watch(client as pg.Client, config, silence);
      await config.onConnect?.(client);
    },
  };
}

async function watch(client: pg.Client, config: pg.PoolConfig, silence: number): Promise<void> {
  const stream = client.connection.stream as Socket;
  let pid: number | null = null;
  // The socket's own clock, which every byte in either direction sets back.
  stream.setTimeout(silence);
  stream.on('timeout', () => {
    void isLost(client, async () => pid !== null && (await isAtWork(config, pid))).then(lost => {
      if (lost) stream.destroy();
      else stream.setTimeout(silence);
    });
  });
  // What the protocol tells of it may be a pooler's.
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  pid = rows[0]?.pid ?? null;
}

async function isLost(client: pg.Client, isAtWork: () => Promise<boolean>): Promise<boolean> {
  const stream = client.connection.stream as Socket;
  // It has said goodbye and waits for the same.
  if (stream.writableEnded) return true;
  if (!isWaiting(client)) return false;
  const heard = stream.bytesRead;
  if (await isAtWork()) return false;
  return isWaiting(client) && stream.bytesRead === heard;
}

/** Whether something was asked that is not answered yet. */
const isWaiting = (client: pg.Client): boolean =>
  !(client as unknown as { readyForQuery: boolean }).readyForQuery;

/** Whether the database is there, and has not answered this connection yet. */
async function isAtWork(config: pg.PoolConfig, pid: number): Promise<boolean> {
  const asking = new pg.Client({ ...config, connectionTimeoutMillis: PATIENCE, query_timeout: PATIENCE });
  asking.on('error', () => undefined);
  try {
    await asking.connect();
    const { rowCount } = await asking.query(
      // Where PostgreSQL does not track it, it is not known to be idle.
      `select from pg_stat_activity where pid = $1 and coalesce(state, '') not like 'idle%'`,
      [pid],
    );
    return rowCount !== 0;
  } catch (error) {
    // It is there, and has no connection left or is just starting: nothing is known then.
    return error instanceof pg.DatabaseError;
  } finally {
    asking.end().catch(() => undefined);
  }
}
