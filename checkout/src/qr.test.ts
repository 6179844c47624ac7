/** The code is read back by another library than the one that wrote it, from the picture itself. */
import decode from 'qr/decode.js';
import { expect, it } from 'vitest';
import { address } from '../test/samples.ts';
import { qrCode } from './qr.ts';

/** Paints the picture as pixels: white, then each black run of its path. */
function pixels(svg: string, scale: number) {
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const side = size * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  const path = /fill="#000" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].map(found => found.slice(1).map(Number));
  for (const [x = 0, y = 0, length = 0] of runs) {
    for (let row = y * scale; row < (y + 1) * scale; row++) {
      for (let column = x * scale; column < (x + length) * scale; column++) {
        data.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
      }
    }
  }
  return { width: side, height: side, data, runs, size };
}

it.each([
  address,
  '0x52908400098527886E0F7030069857D2E4169EE7',
  'ethereum:0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e@43114/transfer?address=0x52908400098527886E0F7030069857D2E4169EE7&uint256=12345678912000000000',
])('%s is read back', text => {
  expect(decode(pixels(qrCode(text, 'label').text, 6), { timeLimit: 5000 })).toBe(text);
});

it('has four white modules on each side', () => {
  const { runs, size } = pixels(qrCode(address, 'label').text, 1);
  expect(Math.min(...runs.map(([x = 0]) => x))).toBe(4);
  expect(Math.min(...runs.map(([, y = 0]) => y))).toBe(4);
  expect(Math.max(...runs.map(([x = 0, , length = 0]) => x + length))).toBe(size - 4);
});

it('cannot be broken out of by its label', () => {
  expect(qrCode('x', '"><b>').text).toContain('aria-label="&quot;&gt;&lt;b&gt;"');
});
