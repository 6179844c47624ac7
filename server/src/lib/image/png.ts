/** PNG (W3C PNG, third edition): the pixels are unpacked within bounds and packed anew, and all else is left out. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { ok, type Result } from '../result.ts';
import { checkSize, damaged, type Image, type Size } from './image.ts';

export const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

type Chunk = { name: string; data: Buffer };
type Header = Size & { bits: number; interlaced: boolean };

/** Chunks that the look depends on besides the pixels, and the most bytes each may have. */
const kept: Record<string, number> = { PLTE: 768, tRNS: 256, sRGB: 1, gAMA: 4 };

/** By colour type: how many samples a pixel has, and how many bits a sample may have. */
const colours: Record<number, { samples: number; depths: readonly number[] }> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

/** The seven passes of an interlaced picture: the first column and row of each, and the steps between. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** An animation becomes its first frame. */
export function readPng(data: Buffer, maxSide: number): Result<Image> {
  const chunks = chunksOf(data);
  const [first] = chunks ?? [];
  const header = first?.name === 'IHDR' ? headerOf(first.data) : null;
  if (!chunks || !first || !header) return damaged;
  const size = checkSize(header, maxSide);
  if (!size.ok) return size;
  const rest = chunks.slice(1);
  // A capital letter says that the picture cannot be shown without this part.
  if (rest.some(({ name }) => /^[A-Z]/.test(name) && name !== 'PLTE' && name !== 'IDAT')) return damaged;
  const pixels = pixelsOf(rest, header);
  const look = rest.filter(({ name }) => Object.hasOwn(kept, name));
  if (!pixels || !isInOrder(rest) || look.some(({ name, data: { length } }) => length > (kept[name] ?? 0)))
    return damaged;
  const parts = [
    first,
    // What was before the palette stays before it: the order is part of the format.
    ...look,
    { name: 'IDAT', data: deflateSync(pixels, { level: 9 }) },
    { name: 'IEND', data: Buffer.alloc(0) },
  ];
  const { width, height } = header;
  return ok({ type: 'image/png', width, height, bytes: Buffer.concat([PNG_START, ...parts.map(written)]) });
}

/** The chunks up to the end mark, whose checksums hold; null when they do not, or the mark is missing. */
function chunksOf(data: Buffer): Chunk[] | null {
  const chunks: Chunk[] = [];
  let at = PNG_START.length;
  while (at + 12 <= data.length) {
    const end = at + 8 + data.readUInt32BE(at);
    if (end + 4 > data.length || crc32(data.subarray(at + 4, end)) !== data.readUInt32BE(end)) return null;
    const name = data.toString('latin1', at + 4, at + 8);
    if (name === 'IEND') return chunks;
    chunks.push({ name, data: data.subarray(at + 8, end) });
    at = end + 4;
  }
  return null;
}

function headerOf(data: Buffer): Header | null {
  if (data.length !== 13) return null;
  const [depth = 0, colour = 0, compression, filter, interlace] = data.subarray(8);
  const kind = colours[colour];
  if (!kind?.depths.includes(depth) || compression !== 0 || filter !== 0) return null;
  if (interlace !== 0 && interlace !== 1) return null;
  return {
    width: data.readUInt32BE(0),
    height: data.readUInt32BE(4),
    bits: kind.samples * depth,
    interlaced: interlace === 1,
  };
}

/** Each of the kept chunks once and before the pixels, whose chunks stand together. */
function isInOrder(chunks: readonly Chunk[]): boolean {
  const names = chunks.map(({ name }) => name);
  const first = names.indexOf('IDAT');
  if (names.slice(first, names.lastIndexOf('IDAT') + 1).some(name => name !== 'IDAT')) return false;
  return Object.keys(kept).every(name => {
    const at = names.indexOf(name);
    return at === names.lastIndexOf(name) && at < first;
  });
}

/** The unpacked rows, exactly as many as the header says; null when there are more, fewer, or no such rows. */
function pixelsOf(chunks: readonly Chunk[], header: Header): Buffer | null {
  const packed = Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map(({ data }) => data));
  const rows = rowsOf(header);
  const total = rows.reduce((sum, { length, count }) => sum + length * count, 0);
  const pixels = unpack(packed, total);
  if (pixels?.length !== total) return null;
  let at = 0;
  for (const { length, count } of rows) {
    for (let row = 0; row < count; row++, at += length) {
      // A row begins with one of five filters.
      if ((pixels[at] ?? 5) > 4) return null;
    }
  }
  return pixels;
}

function unpack(packed: Buffer, total: number): Buffer | null {
  try {
    return inflateSync(packed, { maxOutputLength: total + 1 });
  } catch {
    return null;
  }
}

/** How long the rows are in bytes, and how many there are, pass by pass. */
function rowsOf({ width, height, bits, interlaced }: Header): { length: number; count: number }[] {
  const all = interlaced ? passes : ([[0, 0, 1, 1]] as const);
  return all.flatMap(([x, y, dx, dy]) => {
    const columns = Math.ceil((width - x) / dx);
    const count = Math.ceil((height - y) / dy);
    return columns > 0 && count > 0 ? [{ length: 1 + Math.ceil((columns * bits) / 8), count }] : [];
  });
}

function written({ name, data }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
