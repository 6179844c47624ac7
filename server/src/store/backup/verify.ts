/** Reads a backup from its first byte to its last and says whether it is whole and this installation's, before anything is done with it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { fail, ok, type Result } from '../../lib/result.ts';
import { mac, type Vault } from '../../lib/vault.ts';
import { opens } from '../installation.ts';
import { knowsSchema } from '../migrate.ts';
import { type Ending, ending, type Heading, heading, linesOf, sealed } from './format.ts';

export type Verified = Heading & { rows: Record<string, number> };

/** Answers what the file says of itself, or in a sentence why it cannot be restored. */
export async function verify(file: string, vault: Vault): Promise<Result<Verified>> {
  try {
    return await read(file, vault);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return fail(`${file} is not there.`);
    return fail(`${file} is damaged or no backup: ${message}.`);
  }
}

async function read(file: string, vault: Vault): Promise<Result<Verified>> {
  const hash = createHash('sha256');
  let head: Heading | null = null;
  let last: Buffer | null = null;
  for await (const line of linesOf(unpacked(file))) {
    if (last) hash.update(last);
    if (!head) {
      const first = parsed(heading, line);
      if (!first) return fail(`${file} is no backup of this program, or one of a newer version.`);
      const unfit = misfit(first, vault);
      if (unfit) return fail(unfit);
      head = first;
    }
    last = line;
  }
  const end = last && parsed(ending, last);
  if (!head || !end) return fail(`${file} is cut off: its end is not there.`);
  const sha256 = hash.digest('hex');
  if (sha256 !== end.end.sha256 || !isSealed(end.end, vault))
    return fail(`${file} was changed or damaged since it was made: its checksum does not fit.`);
  return ok({ ...head, rows: end.end.rows });
}

function isSealed({ sha256, mac: claimed }: Ending, vault: Vault): boolean {
  const expected = mac(vault, sealed(sha256));
  const given = Buffer.from(claimed, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Why this program or this key cannot restore it. */
function misfit({ schema, canary }: Heading, vault: Vault): string | null {
  if (!opens(vault, Buffer.from(canary, 'base64')))
    return 'The master key is not the one of the installation this backup is of; nothing sealed in it could be opened.';
  return knowsSchema(schema)
    ? null
    : 'The backup has migrations this version does not know: it was made by a newer one. Restore it with that version.';
}

export function parsed<T>(schema: z.ZodType<T>, line: Buffer): T | null {
  try {
    const read = schema.safeParse(JSON.parse(line.toString('utf8')));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** Whatever goes wrong on the way is thrown to whoever reads. */
export function unpacked(file: string): AsyncIterable<Buffer> {
  const text = createGunzip();
  pipeline(createReadStream(file), text, () => undefined);
  return text;
}
