/** Pictures as browsers write them, and what strangers call pictures. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readLogo } from './read-logo.ts';

const fixture = (name: string) => readFileSync(new URL(`../lib/image/fixtures/${name}`, import.meta.url));
const pictures = ['photo.jpg', 'lossy.webp', 'alpha.webp', 'lossless.webp', 'canvas.png'];
const read = (data: Buffer) => {
  const logo = readLogo(data);
  if (!logo.ok) throw new Error(logo.fault);
  return logo.value;
};
const faultOf = (data: Buffer) => {
  const logo = readLogo(data);
  return logo.ok ? 'none' : logo.fault;
};

/** A segment of a JPEG. */
function segment(marker: number, data: string | Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(Buffer.from(data).length + 2, 2);
  return Buffer.concat([head, Buffer.from(data)]);
}
/** A JPEG with this put in after its start. */
const withSegment = (data: Buffer) =>
  Buffer.concat([fixture('photo.jpg').subarray(0, 2), data, fixture('photo.jpg').subarray(2)]);

/** A WebP of these chunks. */
function webp(...chunks: [name: string, data: Buffer][]): Buffer {
  const body = chunks.map(([name, data]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    return Buffer.concat([Buffer.from(name), length, data, Buffer.alloc(data.length % 2)]);
  });
  const all = Buffer.concat([Buffer.from('WEBP'), ...body]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(all.length);
  return Buffer.concat([Buffer.from('RIFF'), length, all]);
}
const vp8 = (width: number, height: number) => {
  const data = Buffer.from('0000009d012a00000000', 'hex');
  data.writeUInt16LE(width, 6);
  data.writeUInt16LE(height, 8);
  return data;
};

describe.each(pictures)('%s', name => {
  const data = fixture(name);

  test('is taken with its size, without its profile, and comes out the same when it is given again', () => {
    const logo = read(data);
    expect(logo).toMatchObject({ width: 8, height: 6, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(logo.bytes.toString('latin1')).not.toMatch(/ICC|Google|acsp/);
    expect(read(logo.bytes)).toEqual(logo);
  });

  test('may have anything behind it, which is cut off', () => {
    const polyglot = Buffer.concat([data, Buffer.from('<script>alert(1)</script>PK\x03\x04')]);
    expect(read(polyglot)).toEqual(read(data));
  });

  test('cut short or with a byte changed throws nothing', () => {
    for (let at = 0; at < data.length; at++) {
      const changed = Buffer.from(data);
      changed[at]! ^= 0xff;
      expect(() => readLogo(changed)).not.toThrow();
      expect(readLogo(data.subarray(0, at)).ok).toBe(false);
    }
  });
});

describe('a JPEG', () => {
  test('loses comments, metadata, and the thumbnail of its header', () => {
    const thumbnail = Buffer.concat([
      Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\x02\x02'),
      Buffer.from('evil'),
    ]);
    for (const [marker, text] of [
      [0xfe, 'evil'],
      [0xe1, 'Exif\0\0evil'],
      [0xed, 'Photoshop evil'],
      [0xe0, 'JFXX\0evil'],
    ] as const)
      expect(read(withSegment(segment(marker, text)))).toEqual(read(fixture('photo.jpg')));
    expect(read(withSegment(segment(0xe0, thumbnail))).bytes.includes('evil')).toBe(false);
  });

  test.each<[string, Buffer, string]>([
    ['of another kind', withSegment(segment(0xc9, Buffer.alloc(6))), 'is a kind of JPEG'],
    ['with a second size', withSegment(segment(0xc0, Buffer.alloc(15, 1))), 'is damaged'],
    ['whose scan comes before its size', withSegment(segment(0xda, Buffer.alloc(6))), 'is damaged'],
    [
      'without a scan',
      Buffer.concat([fixture('photo.jpg').subarray(0, 2), Buffer.from([0xff, 0xd9, 0])]),
      'is damaged',
    ],
  ])('%s is refused', (_what, data, fault) => {
    expect(faultOf(data)).toContain(fault);
  });

  test('of a flood of pixels is refused by its header', () => {
    const flood = fixture('photo.jpg');
    const at = flood.indexOf(Buffer.from([0xff, 0xc0]));
    flood.writeUInt16BE(65_500, at + 5);
    flood.writeUInt16BE(65_500, at + 7);
    expect(faultOf(flood)).toBe('must be at most 512 × 512 pixels; this is 65500 × 65500');
  });

  test('of more scans than any decoder should work through is refused', () => {
    const photo = fixture('photo.jpg');
    const scan = photo.subarray(photo.indexOf(Buffer.from([0xff, 0xda])), -2);
    const many = (n: number) =>
      Buffer.concat([photo.subarray(0, -2), ...Array(n).fill(scan), photo.subarray(-2)]);
    expect(faultOf(many(63))).toBe('none');
    expect(faultOf(many(64))).toBe('is damaged');
  });
});

describe('a WebP', () => {
  test.each<[string, Buffer, string]>([
    ['with two pictures', webp(['VP8 ', vp8(1, 1)], ['VP8 ', vp8(1, 1)]), 'is damaged'],
    ['with none', webp(['EXIF', Buffer.from('x')]), 'is damaged'],
    ['that moves', webp(['VP8X', Buffer.alloc(10)], ['ANIM', Buffer.alloc(6)]), 'must not be animated'],
    ['without a key frame', webp(['VP8 ', Buffer.alloc(10, 1)]), 'is damaged'],
    [
      'with a chunk beyond its end',
      Buffer.concat([Buffer.from('RIFF\x10\0\0\0WEBPVP8 \xff\0\0\0', 'latin1'), Buffer.alloc(8)]),
      'is damaged',
    ],
    ['of a flood of pixels', webp(['VP8X', Buffer.alloc(10)], ['VP8 ', vp8(16_000, 1)]), 'this is 16000 × 1'],
  ])('%s is refused', (_what, data, fault) => {
    expect(faultOf(data)).toContain(fault);
  });
});

describe('what is no picture', () => {
  test.each<[string, Buffer]>([
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['an SVG behind an XML head', Buffer.from('<?xml version="1.0"?><svg/>')],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a GIF', Buffer.from('GIF89a\x01\0\x01\0', 'latin1')],
    ['a picture after something else', Buffer.concat([Buffer.from(' '), fixture('canvas.png')])],
    ['nothing', Buffer.alloc(0)],
  ])('%s is refused', (_what, data) => {
    expect(faultOf(data)).toBe('must be a PNG, JPEG or WebP image');
  });

  test('more than 1 MB is refused unread', () => {
    expect(faultOf(Buffer.alloc(1024 * 1024 + 1))).toBe('must have at most 1 MB');
  });

  test('more than 64 KB of picture is refused, but not metadata that is cut off', () => {
    const metadata = segment(0xe1, Buffer.alloc(60_000));
    expect(faultOf(withSegment(Buffer.concat([metadata, metadata])))).toBe('none');
    const large = webp(['VP8 ', Buffer.concat([vp8(8, 6), Buffer.alloc(70_000)])]);
    expect(faultOf(large)).toBe('must have at most 64 KB without its metadata; this has 69 KB');
  });
});
