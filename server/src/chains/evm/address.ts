/** EVM addresses: the key is lower-case 0x hex, the text carries the checksum of https://eips.ethereum.org/EIPS/eip-55 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { fail, ok, type Result } from '../../lib/result.ts';
import type { Address } from '../chain.ts';

/** Reads an address in lower case, upper case or with a right checksum. The fault never repeats the text. */
export function parseEvmAddress(text: string): Result<Address> {
  const digits = text.trim().replace(/^0x/i, '');
  if (!/^0x/i.test(text.trim()) || !/^[0-9a-f]{40}$/i.test(digits))
    return fail('an address here is 0x followed by 40 hexadecimal digits');
  const key = `0x${digits.toLowerCase()}`;
  if (/^0+$/.test(digits)) return fail('this is the zero address, which belongs to nobody');
  const checksummed = evmAddressText(key);
  const hasChecksum = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (hasChecksum && checksummed !== `0x${digits}`)
    return fail(
      'the upper and lower case letters of this address are its checksum, and they do not fit: a character is wrong',
    );
  return ok({ key, text: checksummed });
}

/** The checksummed form of a key. */
export function evmAddressText(key: string): string {
  const digits = key.slice(2);
  const hash = bytesToHex(keccak_256(utf8ToBytes(digits)));
  const cased = [...digits].map((digit, index) =>
    Number.parseInt(hash[index] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join('')}`;
}
