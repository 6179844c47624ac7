/**
 * What the database must not be able to read or forge: merchants' keys are sealed (AES-256-GCM), wallet rows carry a
 * MAC (HMAC-SHA256). Both keys are derived by HKDF from one master key that lives outside the database.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

export type Vault = { sealKey: Buffer; macKey: Buffer };

export const MASTER_KEY_BYTES = 32;

/** Throws unless the master key has 32 bytes. */
export function openVault(masterKey: Uint8Array): Vault {
  if (masterKey.length !== MASTER_KEY_BYTES)
    throw new Error(`The master key must have ${MASTER_KEY_BYTES} bytes.`);
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', `cryptoscan ${purpose} v1`, 32));
  return { sealKey: derive('seal'), macKey: derive('mac') };
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts for one place: `context` names it, so that a sealed value copied to another row does not open there. */
export function seal(vault: Vault, text: string, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', vault.sealKey, nonce);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), sealed]);
}

/** Throws when the bytes were not sealed by this vault for this context. */
export function unseal(vault: Vault, bytes: Buffer, context: string): string {
  if (bytes[0] !== VERSION) throw new Error('A sealed value has an unknown format.');
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', vault.sealKey, nonce);
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(tag);
  return (
    decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  );
}

/** A MAC over the parts in order; JSON keeps them apart. */
export function mac(vault: Vault, parts: readonly (string | number)[]): Buffer {
  return createHmac('sha256', vault.macKey).update(JSON.stringify(parts)).digest();
}

export function hasMac(vault: Vault, parts: readonly (string | number)[], claimed: Uint8Array): boolean {
  const expected = mac(vault, parts);
  return claimed.length === expected.length && timingSafeEqual(expected, claimed);
}
