/** SHA-256 and its HMAC by WebCrypto, which Node, Bun, Deno and Workers share. Verifying takes constant time. */

const encoder = new TextEncoder();
const algorithm = { name: 'HMAC', hash: 'SHA-256' };

/** UTF-8 bytes of a text; bytes as they are. */
export function toBytes(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(typeof text === 'string' ? encoder.encode(text) : text);
}

export async function sha256(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', message));
}

/** The HMAC of a message. The secret must not be empty. */
export async function hmac(
  secret: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, message));
}

/** Whether `signature` is the HMAC of the message. */
export async function verifyHmac(
  secret: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['verify']);
  return crypto.subtle.verify('HMAC', key, signature, message);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** The 32 bytes of a hex SHA-256, or null. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\da-f]{64}$/i.test(text)) return null;
  return Uint8Array.from({ length: 32 }, (_, n) => Number.parseInt(text.slice(2 * n, 2 * n + 2), 16));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** The bytes of a base64 text, or null. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), byte => byte.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The key inside a Standard Webhooks secret (`whsec_` and base64), or null when it is not one. */
export function webhookKey(secret: string): Uint8Array<ArrayBuffer> | null {
  const bytes = secret.startsWith('whsec_') ? fromBase64(secret.slice('whsec_'.length)) : null;
  return bytes === null || bytes.length === 0 ? null : bytes;
}

/** What Standard Webhooks signs: `id.timestamp.body`, the body byte for byte. */
export function standardMessage(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(`${id}.${timestamp}.`);
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  return message;
}
