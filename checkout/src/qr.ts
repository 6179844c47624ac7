/** The code to scan, as inline SVG: no image to load, sharp at any size, and black on white in the dark too. */
import { encode } from 'uqr';
import { type Html, html } from './html.ts';

/** White modules around the code; four are what readers are promised. */
const quiet = 4;

/** A QR code of `text` with error correction M; `label` is what a screen reader says of it. */
export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: 'M', boostEcc: false, border: quiet });
  const path = data.map((row, y) =>
    runs(row)
      .map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)
      .join(''),
  );
  return html`<svg class="qr" role="img" aria-label="${label}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path.join('')}"/></svg>`;
}

/** Where black stretches of a row begin, and their lengths. */
function runs(row: readonly boolean[]): [start: number, length: number][] {
  const found: [number, number][] = [];
  for (const [x, black] of row.entries()) {
    const last = found.at(-1);
    if (!black) continue;
    if (last && last[0] + last[1] === x) last[1]++;
    else found.push([x, 1]);
  }
  return found;
}
