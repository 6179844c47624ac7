import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PNG_START, readPng } from './png.ts';

type Parts = { width?: number; height?: number; header?: number[]; pixels?: Buffer; packed?: Buffer };
type Chunk = [name: string, data: Buffer];

function chunk([name, data]: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

function header({ width = 2, height = 2, header: rest = [8, 2, 0, 0, 0] }: Parts): Chunk {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set(rest, 8);
  return ['IHDR', data];
}

/** Two red pixels above two blue ones. */
const PIXELS = Buffer.from([0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 0, 255]);
const END: Chunk = ['IEND', Buffer.alloc(0)];
const file = (chunks: Chunk[], tail = '') =>
  Buffer.concat([PNG_START, ...chunks.map(chunk), Buffer.from(tail)]);
const idat = ({ pixels = PIXELS, packed = deflateSync(pixels) }: Parts = {}): Chunk => ['IDAT', packed];
const png = (parts: Parts = {}) => file([header(parts), idat(parts), END]);

function namesOf(data: Buffer): string[] {
  const names: string[] = [];
  for (let at = 8; at < data.length; at += 12 + data.readUInt32BE(at))
    names.push(data.toString('latin1', at + 4, at + 8));
  return names;
}

const read = (data: Buffer) => {
  const image = readPng(data, 512);
  if (!image.ok) throw new Error(image.fault);
  return image.value;
};

describe('a PNG', () => {
  test('keeps its pixels and its look, and nothing else', () => {
    const script = Buffer.from('<script>alert(1)</script>');
    const chunks: Chunk[] = [
      header({}),
      ['sRGB', Buffer.from([0])],
      ['tEXt', script],
      ['eXIf', script],
      ['iCCP', script],
      ['acTL', Buffer.alloc(8)],
      idat(),
      ['fdAT', script],
      ['zzZz', script],
      END,
      ['IDAT', script],
    ];
    const { bytes, ...rest } = read(file(chunks, '<svg onload=alert(1)>'));
    expect(rest).toEqual({ type: 'image/png', width: 2, height: 2 });
    expect(namesOf(bytes)).toEqual(['IHDR', 'sRGB', 'IDAT', 'IEND']);
    expect(bytes.toString('latin1')).not.toMatch(/script|svg/);
    const at = bytes.indexOf('IDAT');
    expect(inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)))).toEqual(PIXELS);
    expect(read(bytes).bytes).toEqual(bytes);
  });

  test('has its pixels packed anew, so that nothing hides behind or between them', () => {
    const packed = Buffer.concat([deflateSync(PIXELS, { level: 0 }), Buffer.from('<?php evil ?>')]);
    const { bytes } = read(png({ packed }));
    expect(bytes.includes('evil')).toBe(false);
  });

  test('may have a palette, transparency and several chunks of pixels', () => {
    const packed = deflateSync(Buffer.from([0, 0b01_000000, 0, 0b10_000000]));
    const chunks: Chunk[] = [
      header({ header: [1, 3, 0, 0, 0] }),
      ['PLTE', Buffer.from([255, 0, 0, 0, 0, 255])],
      ['tRNS', Buffer.from([128])],
      ['IDAT', packed.subarray(0, 3)],
      ['IDAT', packed.subarray(3)],
      END,
    ];
    expect(namesOf(read(file(chunks)).bytes)).toEqual(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
  });

  test.each([
    [1, 1, 4],
    [2, 2, 4 + 4 + 7],
    [3, 3, 4 + 4 + 7 + 8 + 10],
    [8, 8, 4 + 4 + 7 + 14 + 26 + 52 + 100],
  ])('may be interlaced: %i × %i', (width, height, total) => {
    const parts = { width, height, header: [8, 2, 0, 0, 1] };
    expect(read(png({ ...parts, pixels: Buffer.alloc(total) }))).toMatchObject({ width, height });
    for (const off of [-1, 1])
      expect(readPng(png({ ...parts, pixels: Buffer.alloc(total + off) }), 512)).toEqual(damaged);
  });
});

const damaged = { ok: false, fault: 'is damaged' };

describe('what is no PNG', () => {
  const broken = png();
  broken[broken.indexOf('IDAT') + 6]! ^= 1;
  test.each<[string, Buffer]>([
    ['a checksum that does not hold', broken],
    ['no end', file([header({}), idat()])],
    ['no header', file([idat(), END])],
    ['a second header', file([header({}), header({}), idat(), END])],
    ['no pixels', file([header({}), END])],
    ['too few pixels', png({ pixels: PIXELS.subarray(1) })],
    ['too many pixels', png({ pixels: Buffer.concat([PIXELS, Buffer.alloc(1)]) })],
    ['pixels of more than the header says, by far', png({ pixels: Buffer.alloc(50_000_000) })],
    ['a filter there is not', png({ pixels: Buffer.from(PIXELS).fill(5, 0, 1) })],
    ['pixels that are not packed', png({ packed: PIXELS })],
    ['pixels cut off', png({ packed: deflateSync(PIXELS).subarray(0, -6) })],
    ['a depth there is not', png({ header: [4, 2, 0, 0, 0] })],
    ['a colour type there is not', png({ header: [8, 5, 0, 0, 0] })],
    ['no width', png({ width: 0 })],
    ['a palette after the pixels', file([header({}), idat(), ['PLTE', Buffer.alloc(3)], END])],
    ['pixels in two places', file([header({}), idat(), ['tEXt', Buffer.alloc(1)], idat(), END])],
    ['two palettes', file([header({}), ['PLTE', Buffer.alloc(3)], ['PLTE', Buffer.alloc(3)], idat(), END])],
    ['a palette too long', file([header({}), ['PLTE', Buffer.alloc(771)], idat(), END])],
    ['a needed part nobody knows', file([header({}), ['EVIL', Buffer.alloc(3)], idat(), END])],
    ['the start alone', PNG_START],
    ['a chunk longer than the file', Buffer.concat([PNG_START, Buffer.from('ffffffff49484452', 'hex')])],
  ])('%s', (_what, data) => {
    expect(readPng(data, 512)).toEqual(damaged);
  });

  test('a picture that claims a flood of pixels is refused by its header, before they are unpacked', () => {
    const fault = 'must be at most 512 × 512 pixels; this is 40000 × 40000';
    const flood = png({ width: 40_000, height: 40_000, packed: Buffer.from('not even packed') });
    expect(readPng(flood, 512)).toEqual({ ok: false, fault });
  });

  test('anything cut short or with a byte changed throws nothing', () => {
    const whole = png();
    for (let at = 8; at < whole.length; at++) {
      expect(readPng(whole.subarray(0, at), 512)).toEqual(damaged);
      const changed = Buffer.from(whole);
      changed[at]! ^= 0xff;
      expect(() => readPng(changed, 512)).not.toThrow();
    }
  });
});
