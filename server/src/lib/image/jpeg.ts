/** JPEG (ITU-T T.81): the segments that decode the picture are kept; comments, metadata and what follows the end are not. */
import { fail, ok, type Result } from '../result.ts';
import { checkSize, damaged, type Image, type Size } from './image.ts';

export const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);

const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP14 = 0xee;
const COM = 0xfe;
/** Baseline, extended sequential and progressive: what browsers show. */
const FRAMES = [0xc0, 0xc1, 0xc2];
/** Tables of Huffman codes and of quantisation, and the distance between restart marks. */
const TABLES = [0xc4, 0xdb, 0xdd];
/** A decoder works through every scan of a picture; ten is usual. */
const MAX_SCANS = 64;

/** What a JFIF header says without a thumbnail: version 1.01, square pixels. */
const JFIF = Buffer.from('4a46494600010100000100010000', 'hex');

/** What has been read so far: where, which parts are kept, and what they say. */
type Reading = { at: number; parts: Buffer[]; size: Size | null; scans: number };

export function readJpeg(data: Buffer, maxSide: number): Result<Image> {
  const reading: Reading = { at: 2, parts: [data.subarray(0, 2)], size: null, scans: 0 };
  for (;;) {
    const marker = nextMarker(data, reading);
    if (marker === EOI) break;
    const segment = marker === null ? null : nextSegment(data, reading);
    if (marker === null || !segment) return damaged;
    const taken = take(marker, segment, reading);
    if (!taken.ok) return taken;
    if (!reading.size) continue;
    const size = checkSize(reading.size, maxSide);
    if (!size.ok) return size;
    if (marker === SOS) reading.parts.push(scanOf(data, reading));
  }
  const { size, scans, parts } = reading;
  if (!size || scans === 0) return damaged;
  return ok({ type: 'image/jpeg', ...size, bytes: Buffer.concat([...parts, Buffer.from([0xff, EOI])]) });
}

/** The marker here, which any number of filling bytes may precede; null where there is none. */
function nextMarker(data: Buffer, reading: Reading): number | null {
  if (data[reading.at] !== 0xff) return null;
  while (data[reading.at] === 0xff) reading.at++;
  return data[reading.at++] ?? null;
}

/** What follows a marker, without the two bytes of its length; null where the file ends before. */
function nextSegment(data: Buffer, reading: Reading): Buffer | null {
  if (reading.at + 2 > data.length) return null;
  const end = reading.at + data.readUInt16BE(reading.at);
  if (end < reading.at + 2 || end > data.length) return null;
  const segment = data.subarray(reading.at + 2, end);
  reading.at = end;
  return segment;
}

/** Keeps a segment or passes over it. */
function take(marker: number, segment: Buffer, reading: Reading): Result<true> {
  const keep = (data: Buffer) => {
    reading.parts.push(written(marker, data));
    return ok<true>(true);
  };
  if (FRAMES.includes(marker)) {
    if (reading.size || segment.length < 6) return damaged;
    reading.size = { width: segment.readUInt16BE(3), height: segment.readUInt16BE(1) };
    return keep(segment);
  }
  if (marker === SOS) {
    reading.scans++;
    return reading.size && reading.scans <= MAX_SCANS ? keep(segment) : damaged;
  }
  if (TABLES.includes(marker)) return keep(segment);
  if (marker === APP0 && segment.toString('latin1', 0, 5) === 'JFIF\0') return keep(JFIF);
  // How the colours are told apart; without it some pictures show inverted.
  if (marker === APP14 && segment.length >= 12 && segment.toString('latin1', 0, 5) === 'Adobe')
    return keep(segment.subarray(0, 12));
  if ((marker >= APP0 && marker <= 0xef) || marker === COM) return ok(true);
  return fail('is a kind of JPEG that browsers do not show: save it as baseline or progressive');
}

/** The coded data after the header of a scan: up to the next marker that is neither a restart nor an escaped byte. */
function scanOf(data: Buffer, reading: Reading): Buffer {
  const start = reading.at;
  for (; reading.at < data.length; reading.at++) {
    if (data[reading.at] !== 0xff) continue;
    const next = data[reading.at + 1] ?? 0;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) break;
  }
  return data.subarray(start, reading.at);
}

function written(marker: number, segment: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(segment.length + 2, 2);
  return Buffer.concat([head, segment]);
}
