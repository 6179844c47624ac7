/**
 * The picture a merchant wants beside its name: small, of a kind that browsers show and that runs nothing. SVG is a
 * document with scripts and is refused, whatever its file is called.
 */
import { createHash } from 'node:crypto';
import type { ReadImage } from '../lib/image/image.ts';
import { JPEG_START, readJpeg } from '../lib/image/jpeg.ts';
import { PNG_START, readPng } from '../lib/image/png.ts';
import { isWebp, readWebp } from '../lib/image/webp.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Logo } from '../store/logos.ts';
import { type Checked, fault } from './faults.ts';
import { rule } from './rule.ts';

/** Bytes of the file as it is given. */
export const MAX_LOGO_FILE = 1024 * 1024;
/** Bytes of what payers load: the page weighs less than half of it. */
const MAX_BYTES = 64 * 1024;
/** Pixels; it is shown 40 high, on screens of up to four times that. */
const MAX_SIDE = 512;

/** The fault says which rule the file breaks. */
export function readLogo(file: Uint8Array): Result<Logo> {
  if (file.length > MAX_LOGO_FILE) return fail('must have at most 1 MB');
  const data = Buffer.from(file.buffer, file.byteOffset, file.length);
  const image = readerOf(data)(data, MAX_SIDE);
  if (!image.ok) return image;
  const { bytes } = image.value;
  if (bytes.length > MAX_BYTES)
    return fail(
      `must have at most 64 KB without its metadata; this has ${Math.ceil(bytes.length / 1024)} KB`,
    );
  return ok({ ...image.value, hash: createHash('sha256').update(bytes).digest('hex') });
}

/** As `readLogo`, for a person's input; null stays null. */
export function checkLogo(file: Uint8Array | null): Checked<Logo | null> {
  if (file === null) return ok(null);
  const logo = readLogo(file);
  return logo.ok ? logo : fault('logo', logo.fault, rule('image', { side: MAX_SIDE }));
}

/** By how the file begins; its name says nothing. */
function readerOf(data: Buffer): ReadImage {
  if (data.subarray(0, PNG_START.length).equals(PNG_START)) return readPng;
  if (data.subarray(0, JPEG_START.length).equals(JPEG_START)) return readJpeg;
  if (isWebp(data)) return readWebp;
  return () => fail('must be a PNG, JPEG or WebP image');
}
