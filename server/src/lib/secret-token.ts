/**
 * Opaque secrets that are handed out once: 256 random bits, of which only the SHA-256 is kept. A hash without salt and
 * stretching is enough for what cannot be guessed.
 */
import { createHash } from 'node:crypto';

export type RandomBytes = (size: number) => Buffer;
export type SecretToken = { token: string; hash: Buffer };

const TOKEN_BYTES = 32;

/** A fresh token as 43 URL-safe characters, and what is stored of it. */
export function newToken(randomBytes: RandomBytes): SecretToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
