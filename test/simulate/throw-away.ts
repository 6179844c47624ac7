/** A PostgreSQL that is thrown away with all that is in it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectToRunning } from '../../server/src/store/embedded/connect-to-running.ts';
import { startEmbeddedPostgres } from '../../server/src/store/embedded/embedded-postgres.ts';
import type { PostgresConnection } from '../../server/src/store/embedded/session.ts';

/** `dir`: its folder, by which other processes reach it. */
type ThrowAway = { dir: string; connection: PostgresConnection; close: () => Promise<void> };

/** Starts a PostgreSQL of its own without fsync and answers its folder; `stop` removes it again. */
export async function startThrowAway(): Promise<ThrowAway> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-simulate-'));
  const postgres = await startEmbeddedPostgres({ dir, durable: false, log: () => undefined });
  if (!postgres.ok) throw new Error(postgres.fault);
  const close = async () => {
    await postgres.value.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { dir, connection: postgres.value.connection, close };
}

/** One that runs already, started by another process. */
export async function connectTo(dir: string): Promise<ThrowAway> {
  const running = await connectToRunning(dir);
  if (!running.ok) throw new Error(running.fault);
  return { dir, connection: running.value.connection, close: () => running.value.close() };
}
