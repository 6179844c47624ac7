/**
 * For a second process, such as the command line, on a data folder whose server another process runs. It opens its own
 * descriptor of the cluster's folder, through which the socket has a short name.
 */
import { open } from 'node:fs/promises';
import { fail, ok, type Result } from '../../lib/result.ts';
import { locateBinaries } from './binaries.ts';
import { readRecord } from './cluster-record.ts';
import { layoutOf } from './layout.ts';
import { foreignOwner } from './ownership.ts';
import { applicationConnection } from './provision.ts';
import { type PostgresConnection, withSession } from './session.ts';

export type RunningPostgres = {
  /** Valid in this process until it is closed. */
  readonly connection: PostgresConnection;
  close(): Promise<void>;
};

/** Proves the way by one query; a fault says who owns the folder, or that nothing runs on it. */
export async function connectToRunning(dir: string): Promise<Result<RunningPostgres>> {
  const binaries = await locateBinaries();
  if (!binaries.ok) return binaries;
  const layout = layoutOf(dir, binaries.value.major);
  const foreign = process.geteuid?.() === 0 ? undefined : await foreignOwner(layout);
  if (foreign !== undefined) return fail(foreign);
  const folder = await open(layout.data, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (folder === undefined)
    return fail(`there is no PostgreSQL ${binaries.value.major} cluster in ${dir} yet`);
  let isOpen = false;
  try {
    const record = await readRecord(layout);
    if (!record.ok) return record;
    const connection = applicationConnection(`/proc/self/fd/${folder.fd}`, record.value);
    const fault = await answers(connection, dir);
    if (fault !== undefined) return fail(fault);
    isOpen = true;
    return ok({ connection, close: () => folder.close() });
  } finally {
    if (!isOpen) await folder.close();
  }
}

async function answers(connection: PostgresConnection, dir: string): Promise<string | undefined> {
  try {
    await withSession(connection, client => client.query('SELECT 1'));
    return undefined;
  } catch (error) {
    return `no PostgreSQL answers on the data folder ${dir}; is CryptoScan running there? (${(error as Error).message})`;
  }
}
