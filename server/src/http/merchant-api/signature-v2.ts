/**
 * The second version of the request signature, which a merchant may turn on or demand: it covers the method, the path
 * with its query, the time, a nonce and the bytes of the body, so that a request is good for one thing, once.
 */
import { createHash, createHmac } from 'node:crypto';

/** What the header says: `time` in unix seconds, as written. */
export type SignatureV2 = { time: string; nonce: string; signature: string };

/** How far the time of a request may be from ours, in ms, either way. */
const WINDOW = 5 * 60_000;

/** `t=<unix>,n=<nonce>,v1=<hex>`, in this order and nothing else; null for any other text. */
export function readSignatureV2(header: string): SignatureV2 | null {
  const found = /^t=(\d{1,12}),n=([\w.~+/=-]{1,128}),v1=([\da-f]{64})$/i.exec(header);
  const [, time, nonce, signature] = found ?? [];
  if (time === undefined || nonce === undefined || signature === undefined) return null;
  return { time, nonce, signature: signature.toLowerCase() };
}

/** `path` as it was sent, with its query. Answers hex. */
export function signatureV2(
  privateKey: string,
  { method, path, body }: { method: string; path: string; body: Uint8Array },
  { time, nonce }: Pick<SignatureV2, 'time' | 'nonce'>,
): string {
  const digest = createHash('sha256').update(body).digest('hex');
  const text = ['v2', method, path, time, nonce, digest].join('\n');
  return createHmac('sha256', privateKey).update(text).digest('hex');
}

export function isTimely({ time }: SignatureV2, now: number): boolean {
  return Math.abs(now - Number(time) * 1000) <= WINDOW;
}
