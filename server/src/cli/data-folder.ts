/**
 * The data folder of an installation that keeps everything itself: the database's cluster, the master key, the local
 * chains of `dev`. A folder is made for `dev` or for `serve`, says so, and is refused for the other.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { dataHome } from '../config.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import { MASTER_KEY_BYTES, openVault, type Vault } from '../lib/vault.ts';

export type FolderKind = 'dev' | 'serve';

/** Where a folder of this kind is when none is named. */
export function defaultFolder(kind: FolderKind): string {
  return join(dataHome(), 'cryptoscan', kind);
}

/** Makes the folder if it is new; refuses one that was made for the other kind. Answers its absolute path. */
export async function claimFolder(folder: string, kind: FolderKind): Promise<Result<string>> {
  const path = resolve(folder);
  const found = await folderKind(path);
  if (found !== null && found !== kind) {
    return fail(
      `${path} belongs to \`cryptoscan ${found}\`; \`cryptoscan ${kind}\` needs a folder of its own.`,
    );
  }
  try {
    await mkdir(path, { recursive: true });
    if (found === null) await writeWhole(join(path, 'kind'), `${kind}\n`, 0o644);
  } catch (error) {
    return fail(`${path} cannot be written: ${(error as Error).message}`);
  }
  return ok(path);
}

/** What a folder was made for; null where there is none yet. */
export async function folderKind(path: string): Promise<FolderKind | null> {
  const kind = (await readText(join(path, 'kind')))?.trim();
  return kind === 'dev' || kind === 'serve' ? kind : null;
}

/** The vault of the folder's own master key, which is made at the first start and readable by its owner only. */
export async function folderVault(path: string): Promise<Vault> {
  const kept = await keptVault(path);
  if (kept) return kept;
  const key = randomBytes(MASTER_KEY_BYTES);
  await writeWhole(join(path, 'master.key'), `${key.toString('hex')}\n`, 0o600);
  return openVault(key);
}

/** The vault of the key that is there; null where none is. */
export async function keptVault(path: string): Promise<Vault | null> {
  const text = await readText(join(path, 'master.key'));
  return text === null ? null : openVault(Buffer.from(text.trim(), 'hex'));
}

/** What a running `dev` tells other commands about itself. */
export type RunningNotes = {
  base_url: string;
  chains: { network: string; rpc_url: string }[];
};

export async function writeNotes(path: string, notes: RunningNotes): Promise<void> {
  await writeWhole(join(path, 'running.json'), `${JSON.stringify(notes)}\n`, 0o644);
}

export async function readNotes(path: string): Promise<RunningNotes | null> {
  const text = await readText(join(path, 'running.json'));
  return text === null ? null : (JSON.parse(text) as RunningNotes);
}

/** Written beside and renamed: a reader, or a start after a crash, finds all of it or the file of before. */
export async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, text, { mode, flush: true });
  await chmod(fresh, mode);
  await rename(fresh, file);
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
