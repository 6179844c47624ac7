/**
 * The legacy request signature: what it is made from, how secrets are compared, and which bodies are refused because
 * two different bodies would carry the same signature. Pure; looking the merchant up is the caller's.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { JsonNode } from '../../lib/json-tokens.ts';
import { phpQuery } from '../../lib/php-query.ts';

/** A field as the `errors` map of a 400 names it (`body` for the whole), and a sentence for it. */
export type Ambiguity = { field: string; text: string };

/**
 * Hex HMAC-SHA256 of the body's canonical query string, by the API document's "Signature generation". Requests and
 * webhooks are signed alike. A GET has the body `[]` or none: pass an empty array or object.
 */
export function bodySignature(body: JsonNode, publicKey: string, privateKey: string): string {
  return createHmac('sha256', privateKey).update(phpQuery(body, publicKey)).digest('hex');
}

/** Compares two secrets in a time that tells nothing of them, their lengths included. */
export function sameSecret(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map(text => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/**
 * Says what in a signed body could be read two ways, or null when nothing can: such a body is answered 400 once the
 * signature is found right. A null field is harmless, for it signs and means the same as an absent one.
 */
export function ambiguity(body: JsonNode): Ambiguity | null {
  if (body === null || typeof body !== 'object' || body.type === 'number') return notAnObject;
  if (body.type === 'array') return body.items.length === 0 ? null : notAnObject;
  const seen = new Set<string>();
  for (const [field, value] of body.entries) {
    const text = seen.has(field) ? 'is given more than once' : (nameFault(field) ?? valueFault(value));
    if (text !== null) return { field, text: `This field ${text}, which a signed body must not have.` };
    seen.add(field);
  }
  return null;
}

const notAnObject: Ambiguity = { field: 'body', text: 'The body must be an object of named fields.' };

function nameFault(field: string): string | null {
  if (field === 'api_key') return 'has the name under which the public key is signed';
  return /[[\].]/.test(field) ? 'has a bracket or a dot in its name' : null;
}

function valueFault(value: JsonNode): string | null {
  if (typeof value === 'boolean') return 'is a boolean (signed like 1 or 0)';
  if (value === null || typeof value === 'string') return null;
  if (value.type !== 'number') return 'is an array or an object';
  return significantDigits(value.text) > 14 ? 'is a number of more than 14 significant digits' : null;
}

/** Zeros before the first and after the last other digit do not count. */
function significantDigits(lexeme: string): number {
  const [mantissa = ''] = lexeme.split(/[eE]/);
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  // Not a regular expression: one that looks for zeros at the end takes quadratic time on zeros in the middle.
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return end;
}
