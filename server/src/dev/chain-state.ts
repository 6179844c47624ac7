/**
 * What a local chain keeps in its folder, so that it comes back after a stop or a crash:
 *
 *   chain.json        which chain it is: network, chain id, genesis time and hash
 *   state.json.gz     the state as last saved by us while running (state-saver.ts), never torn
 *   exit-state.json   the state anvil itself writes when it is interrupted: newer, but torn if anvil was killed while
 *                     writing; deleted as soon as the next run has taken it over
 *
 * anvil's own periodic saving is not used: it rewrites its file in place, and a kill in that moment loses the chain.
 */
import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { z } from 'zod';

const gunzip = promisify(gunzipCallback);
const largestState = 1024 * 1024 * 1024;

const identitySchema = z.object({
  network: z.enum(['ERC-20', 'TRC-20']),
  chainId: z.number().int(),
  /** Time of block 0 in seconds. Given to every anvil that loads this chain, or its genesis would change. */
  genesisTime: z.number().int(),
  genesis: z.string(),
});
export type ChainIdentity = z.output<typeof identitySchema>;

export const exitStateFile = 'exit-state.json';
const identityFile = 'chain.json';
const savedStateFile = 'state.json.gz';
const loadStateFile = 'load-state.json';

/** A state that may be loaded. `path` is plain JSON, as anvil wants it. */
export type SavedState = { from: 'exit' | 'save'; path: string };

/** The identity of the chain kept in the folder; null when there is none or it cannot be read. */
export async function readIdentity(dir: string): Promise<ChainIdentity | null> {
  try {
    return identitySchema.parse(JSON.parse(await readFile(join(dir, identityFile), 'utf8')));
  } catch {
    return null;
  }
}

export async function writeIdentity(dir: string, identity: ChainIdentity): Promise<void> {
  await writeWhole(dir, identityFile, Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
}

/** Stores a state as anvil_dumpState gives it: hex of gzip of JSON. After a crash either this or the one before is there. */
export async function writeState(dir: string, dump: string): Promise<void> {
  await writeWhole(dir, savedStateFile, Buffer.from(dump.slice(2), 'hex'));
}

/** Is there anything here that was once a chain? */
export async function hasState(dir: string): Promise<boolean> {
  return (await exists(dir, exitStateFile)) || (await exists(dir, savedStateFile));
}

/** The states to try, newest first, each unpacked only when its turn comes. One that cannot be unpacked is null. */
export async function* savedStates(dir: string): AsyncGenerator<SavedState | null> {
  if (await exists(dir, exitStateFile)) yield { from: 'exit', path: join(dir, exitStateFile) };
  if (!(await exists(dir, savedStateFile))) return;
  const json = await unpack(dir);
  if (json === null) {
    yield null;
    return;
  }
  const path = join(dir, loadStateFile);
  await writeFile(path, json);
  yield { from: 'save', path };
}

/** Drops what was only needed to start: called when the loaded state has been saved anew. */
export async function dropLoaded(dir: string): Promise<void> {
  await rm(join(dir, exitStateFile), { force: true });
  await rm(join(dir, loadStateFile), { force: true });
}

/** Makes room for a new chain. The files of the old one stay beside it in `unusable/`, the latest such only. */
export async function setAside(dir: string): Promise<void> {
  const aside = join(dir, 'unusable');
  await rm(aside, { recursive: true, force: true });
  await rm(join(dir, loadStateFile), { force: true });
  for (const file of [identityFile, savedStateFile, exitStateFile]) {
    if (!(await exists(dir, file))) continue;
    await mkdir(aside, { recursive: true });
    await rename(join(dir, file), join(aside, file));
  }
}

async function unpack(dir: string): Promise<Buffer | null> {
  try {
    return await gunzip(await readFile(join(dir, savedStateFile)), { maxOutputLength: largestState });
  } catch {
    return null;
  }
}

async function exists(dir: string, file: string): Promise<boolean> {
  try {
    await access(join(dir, file));
    return true;
  } catch {
    return false;
  }
}

/** Writes to a file beside, syncs it, renames it over the old one and syncs the folder. */
async function writeWhole(dir: string, file: string, bytes: Buffer): Promise<void> {
  const path = join(dir, file);
  const handle = await open(`${path}.new`, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
