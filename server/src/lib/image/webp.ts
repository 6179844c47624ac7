/** WebP (RFC 9649): the bitstream of a still picture and its transparency are kept; profiles, metadata and the rest are not. */
import { fail, ok, type Result } from '../result.ts';
import { checkSize, damaged, type Image, type Size } from './image.ts';

type Chunk = { name: string; data: Buffer };

const HEAD = 12;
/** In VP8X: the picture has a chunk of transparency. */
const HAS_ALPHA = 0x10;

export const isWebp = (data: Buffer): boolean =>
  data.toString('latin1', 0, 4) === 'RIFF' && data.toString('latin1', 8, 12) === 'WEBP';

export function readWebp(data: Buffer, maxSide: number): Result<Image> {
  const chunks = chunksOf(data);
  if (!chunks) return damaged;
  if (chunks.some(({ name }) => name === 'ANIM' || name === 'ANMF')) return fail('must not be animated');
  const pictures = chunks.filter(({ name }) => name === 'VP8 ' || name === 'VP8L');
  const [picture] = pictures;
  const size = picture && pictures.length === 1 ? sizeOf(picture) : null;
  if (!picture || !size) return damaged;
  const judged = checkSize(size, maxSide);
  if (!judged.ok) return judged;
  const alpha = picture.name === 'VP8 ' ? chunks.filter(({ name }) => name === 'ALPH') : [];
  if (alpha.length > 1) return damaged;
  const parts = alpha.length > 0 ? [extended(size), ...alpha, picture] : [picture];
  return ok({ type: 'image/webp', ...size, bytes: file(parts.map(written)) });
}

/** The chunks within the length that the file gives itself; null when one goes beyond. */
function chunksOf(data: Buffer): Chunk[] | null {
  if (data.length < HEAD) return null;
  const end = 8 + data.readUInt32LE(4);
  if (end > data.length) return null;
  const chunks: Chunk[] = [];
  for (let at = HEAD; at + 8 <= end; ) {
    const length = data.readUInt32LE(at + 4);
    if (at + 8 + length > end) return null;
    chunks.push({ name: data.toString('latin1', at, at + 4), data: data.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

/** The bitstream's own word on its size, which is the one that decoders go by. */
function sizeOf({ name, data }: Chunk): Size | null {
  if (name === 'VP8L') {
    if (data.length < 5 || data[0] !== 0x2f) return null;
    const bits = data.readUInt32LE(1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  // A key frame (RFC 6386, section 9.1): its first bit is 0, and a start code follows the frame's tag.
  if (data.length < 10 || ((data[0] ?? 1) & 1) !== 0 || data.toString('hex', 3, 6) !== '9d012a') return null;
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
}

function extended({ width, height }: Size): Chunk {
  const data = Buffer.alloc(10);
  data[0] = HAS_ALPHA;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return { name: 'VP8X', data };
}

function written({ name, data }: Chunk): Buffer {
  const head = Buffer.alloc(8, name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

function file(parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts]);
  const head = Buffer.alloc(8, 'RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}
