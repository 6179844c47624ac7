/**
 * A picture of a page as a PNG with a palette: a third of what the browser writes, since a page has few colours and the
 * rest are the soft edges of its letters. https://www.w3.org/TR/png-3/
 */
import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const INDEXED = 3;

/** `tab` only unpacks the picture. */
export async function smallPng(tab: Page, png: Buffer): Promise<Buffer> {
  const { width, height, pixels } = await unpack(tab, png);
  const palette = paletteOf(pixels);
  const nearest = new Map<number, number>();
  const rows = Buffer.alloc(height * (width + 1));
  for (let at = 0; at < width * height; at++) {
    const colour = colourAt(pixels, at);
    const index = nearest.get(colour) ?? nearestOf(palette, colour);
    nearest.set(colour, index);
    // Each row begins with its filter, which is none.
    rows[Math.floor(at / width) + at + 1] = index;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, INDEXED], 8);
  const colours = Buffer.from(palette.flatMap(colour => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The browser that wrote it can read it. */
async function unpack(tab: Page, png: Buffer) {
  const { width, height, data } = (await tab.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), letter => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    let text = '';
    for (let at = 0; at < data.length; at += 4096) text += String.fromCharCode(...data.subarray(at, at + 4096));
    return { width, height, data: btoa(text) };
  })()`)) as { width: number; height: number; data: string };
  return { width, height, pixels: Buffer.from(data, 'base64') };
}

const colourAt = (pixels: Buffer, at: number): number => pixels.readUIntBE(at * 4, 3);

/** The 256 colours that are there most often. */
function paletteOf(pixels: Buffer): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length / 4; at++) {
    const colour = colourAt(pixels, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const often = [...counts].sort(([, a], [, b]) => b - a);
  return often.slice(0, 256).map(([colour]) => colour);
}

function nearestOf(palette: readonly number[], colour: number): number {
  const distances = palette.map(other => distance(colour, other));
  return distances.indexOf(Math.min(...distances));
}

const distance = (one: number, other: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
