/** What a provider is called in logs and tables: enough to tell two apart, and nothing of the keys in its address. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Provider } from './chain.ts';

/** A label of a host that long or that crooked may itself be a key. */
const looksLikeKey = (label: string) => label.length > 24 || /[0-9a-f]{12}/i.test(label);

/** The host, less what may be a key in it, and the first digits of a hash over address and headers. */
export function providerName(provider: Provider): string {
  const url = URL.canParse(provider.url) ? new URL(provider.url) : null;
  const isAddress = url !== null && /^[\d.]+$|^\[/.test(url.hostname);
  const labels = url?.hostname.split('.') ?? ['unusable'];
  const host = isAddress ? url.hostname : labels.map(label => (looksLikeKey(label) ? '…' : label)).join('.');
  const whole = JSON.stringify([provider.url, Object.entries(provider.headers ?? {}).sort()]);
  const hash = bytesToHex(sha256(utf8ToBytes(whole))).slice(0, 8);
  return `${host}${url?.port ? `:${url.port}` : ''}#${hash}`;
}
