/**
 * Tron addresses: 21 bytes, 0x41 and the 20 bytes the EVM side knows. The key is their lower-case hex without 0x, the
 * text their base58check form, 34 characters from T on (https://tronprotocol.github.io/documentation-en/).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { base58, createBase58check } from '@scure/base';
import { fail, ok, type Result } from '../../lib/result.ts';
import type { Address } from '../chain.ts';

const base58check = createBase58check(sha256);

/** Reads what people may be paid at. The fault never repeats the text. */
export function parseTronAddress(text: string): Result<Address> {
  const key = tronAddressKey(text);
  if (!key.ok) return key;
  if (/^410+$/.test(key.value)) return fail('this is the zero address, which belongs to nobody');
  return ok({ key: key.value, text: tronAddressText(key.value) });
}

/**
 * Reads the base58 form, or the 21 bytes as hex from 41 on, into the key: by the form alone, for on the chain anybody may
 * pay addresses that belong to nobody.
 */
export function tronAddressKey(text: string): Result<string> {
  const trimmed = text.trim();
  if (/^(0x)?41[0-9a-f]{40}$/i.test(trimmed)) return ok(trimmed.toLowerCase().replace(/^0x/, ''));
  if (!/^T[0-9a-zA-Z]{33}$/.test(trimmed))
    return fail('a Tron address is T followed by 33 letters and digits');
  if (/[0OIl]/.test(trimmed))
    return fail('a Tron address never holds the characters 0, O, I and l: one of them was misread');
  const bytes = base58.decode(trimmed);
  if (bytes.length !== 25 || bytes[0] !== 0x41) return fail('this is not an address of Tron');
  const payload = bytes.slice(0, 21);
  if (base58check.encode(payload) !== trimmed)
    return fail(
      'the last characters of a Tron address are its checksum, and they do not fit: a character is wrong',
    );
  return ok(bytesToHex(payload));
}

/** The base58check form of a key. */
export const tronAddressText = (key: string): string => base58check.encode(hexToBytes(key));
