/**
 * A picture from a stranger, made safe to show without decoding it: every part that is not needed to draw it is left out,
 * and what stays is written anew. Formats and their rules are in the files beside this one.
 */
import { fail, ok, type Result } from '../result.ts';

export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp';

/** `width` and `height` in pixels; `bytes` hold the picture and nothing else. */
export type Image = { type: ImageType; width: number; height: number; bytes: Buffer };

export type Size = { width: number; height: number };

/** What a format's file is asked: the picture, or a sentence that says which rule it breaks. */
export type ReadImage = (data: Buffer, maxSide: number) => Result<Image>;

export const damaged = fail('is damaged');

/** The header's word on the size is judged before anything is unpacked: a small file may claim a huge picture. */
export function checkSize({ width, height }: Size, maxSide: number): Result<true> {
  if (width < 1 || height < 1) return damaged;
  if (width <= maxSide && height <= maxSide) return ok(true);
  return fail(`must be at most ${maxSide} × ${maxSide} pixels; this is ${width} × ${height}`);
}
