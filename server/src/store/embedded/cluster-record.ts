/**
 * The small file beside the cluster that holds its passwords and what it was made for. It is on the disk before the
 * cluster gets its name, so a cluster without it is a damaged data folder, not a crash of ours.
 */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result } from '../../lib/result.ts';
import type { Layout } from './layout.ts';

export type ClusterRecord = {
  /** False for a throw-away cluster, which was at some time written without fsync. */
  durable: boolean;
  /** Of the roles postgres and cryptoscan. */
  superuserPassword: string;
  applicationPassword: string;
};

const shape = z.object({
  durable: z.boolean(),
  superuserPassword: z.string().min(1),
  applicationPassword: z.string().min(1),
});

/** Reads the record of an existing cluster, in words when it is gone or cannot be read as one. */
export async function readRecord(layout: Layout): Promise<Result<ClusterRecord>> {
  let text: string;
  try {
    text = await readFile(layout.record, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return fail(
      `${layout.record} is missing, and the passwords of the cluster ${layout.data} are in it: restore it`,
    );
  }
  const parsed = shape.safeParse(parsedJson(text));
  return parsed.success ? ok(parsed.data) : fail(`${layout.record} is damaged: restore it from a backup`);
}

/** Makes the record for a cluster about to be initialised, or takes the one an interrupted first start left. */
export async function makeRecord(layout: Layout, durable: boolean): Promise<ClusterRecord> {
  const left = await readRecord(layout);
  if (left.ok && left.value.durable === durable) return left.value;
  const record = { durable, superuserPassword: newPassword(), applicationPassword: newPassword() };
  await writeWhole(layout.record, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Puts what was renamed or made in a folder on the disk. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const handle = await open(`${path}.new`, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
