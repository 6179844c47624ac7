import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasMac, mac, openVault, seal, unseal } from './vault.ts';

const vault = openVault(Buffer.alloc(32, 1));
const other = openVault(Buffer.alloc(32, 2));
const secret = 'private_GHs3v0ry-secret-key';

describe('a sealed value', () => {
  test('opens to what was sealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
        expect(unseal(vault, seal(vault, text, context), context)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test('does not open for another place', () => {
    const sealed = seal(vault, secret, 'private key of public_a');
    expect(() => unseal(vault, sealed, 'private key of public_b')).toThrow();
    expect(() => unseal(vault, sealed, '')).toThrow();
  });

  test('does not open with another master key', () => {
    expect(() => unseal(other, seal(vault, secret, 'place'), 'place')).toThrow();
  });

  test('does not open once any of its bytes was changed, taken away or added', () => {
    const sealed = seal(vault, secret, 'place');
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed);
      changed[index]! ^= 1;
      expect(() => unseal(vault, changed, 'place')).toThrow();
      expect(() => unseal(vault, sealed.subarray(0, index), 'place')).toThrow();
    }
    expect(() => unseal(vault, Buffer.concat([sealed, Buffer.alloc(1)]), 'place')).toThrow();
  });

  test('shows nothing of the text, and is another one each time', () => {
    const sealed = Array.from({ length: 200 }, () => seal(vault, secret, 'place'));
    for (const bytes of sealed) {
      for (let start = 0; start + 8 <= secret.length; start++)
        expect(bytes.includes(secret.slice(start, start + 8))).toBe(false);
    }
    expect(new Set(sealed.map(bytes => bytes.toString('hex'))).size).toBe(200);
    expect(new Set(sealed.map(bytes => bytes.subarray(1, 13).toString('hex'))).size).toBe(200);
  });
});

describe('a MAC', () => {
  test('fits its parts and no others', () => {
    const parts = ['wallet', 1, 'TRC-20', 'USDT', 'TX', '41ab'];
    const made = mac(vault, parts);
    expect(hasMac(vault, parts, made)).toBe(true);
    expect(hasMac(other, parts, made)).toBe(false);
    for (let index = 0; index < parts.length; index++) {
      expect(hasMac(vault, parts.with(index, 'x'), made)).toBe(false);
      expect(hasMac(vault, parts.toSpliced(index, 1), made)).toBe(false);
    }
  });

  test('keeps apart parts that read alike when run together', () => {
    expect(mac(vault, ['ab', 'c'])).not.toEqual(mac(vault, ['a', 'bc']));
    expect(mac(vault, ['1'])).not.toEqual(mac(vault, [1]));
    expect(mac(vault, ['a","b'])).not.toEqual(mac(vault, ['a', 'b']));
  });

  test('that is cut off or empty fits nothing', () => {
    const made = mac(vault, ['a']);
    expect(hasMac(vault, ['a'], made.subarray(0, 31))).toBe(false);
    expect(hasMac(vault, ['a'], Buffer.alloc(0))).toBe(false);
  });
});

test('the sealing key and the MAC key are two, and neither is the master key', () => {
  const master = Buffer.alloc(32, 9);
  const { sealKey, macKey } = openVault(master);
  expect(new Set([sealKey, macKey, master].map(key => key.toString('hex'))).size).toBe(3);
});

test('a master key of another length is refused', () => {
  expect(() => openVault(Buffer.alloc(31))).toThrow('32 bytes');
  expect(() => openVault(Buffer.alloc(33))).toThrow('32 bytes');
});
