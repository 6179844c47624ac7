/** Checking a code: of an authenticator app (RFC 6238), each time step once, or one of the recovery codes. */
import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Vault } from '../lib/vault.ts';
import type { Tx } from '../store/db.ts';
import { findTotp, useCode, useTotpStep } from '../store/second-factors.ts';
import type { PeopleDeps } from './people-deps.ts';

const PERIOD = 30;
/** A clock may be one step off, either way. */
const WINDOW = 1;

/** What authenticator apps take without being asked: SHA-1, six digits, thirty seconds. */
export function totpOf(secret: string, email: string): TOTP {
  return new TOTP({
    issuer: 'CryptoScan',
    label: email,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD,
    secret: Secret.fromHex(secret),
  });
}

/** The time step a code belongs to; null when it is none of the present ones. `now` in ms. */
export function stepOf(secret: string, code: string, now: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret, '').validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / (PERIOD * 1000)) + delta;
}

/** Whether a code is right and was not used before; takes it. */
export async function takeTotpCode(
  tx: Tx,
  { clock, vault }: { clock: PeopleDeps['clock']; vault: Vault },
  { personId, code }: { personId: number; code: string },
): Promise<boolean> {
  const totp = await findTotp(tx, vault, personId);
  const step = totp?.confirmed ? stepOf(totp.secret, code, clock.now()) : null;
  return step !== null && (await useTotpStep(tx, personId, step));
}

/** Whether it is an unused recovery code, however it is written; takes it. */
export async function takeRecoveryCode(
  tx: Tx,
  { clock }: Pick<PeopleDeps, 'clock'>,
  { personId, code }: { personId: number; code: string },
): Promise<boolean> {
  return useCode(tx, personId, recoveryHash(personId, code), clock.now());
}

const CODES = 10;
/** 80 bits each: more than can be guessed, even by whoever has the table. */
const CODE_BYTES = 10;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ten codes as `xxxx-xxxx-xxxx-xxxx`, and what is stored of them. */
export function newRecoveryCodes(
  { randomBytes }: Pick<PeopleDeps, 'randomBytes'>,
  personId: number,
): { codes: string[]; hashes: Buffer[] } {
  const codes = Array.from({ length: CODES }, () => written(randomBytes(CODE_BYTES)));
  return { codes, hashes: codes.map(code => recoveryHash(personId, code)) };
}

function written(bytes: Buffer): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('');
  const letters = (bits.match(/.{5}/g) ?? []).map(five => ALPHABET[Number.parseInt(five, 2)] ?? '');
  return (letters.join('').match(/.{4}/g) ?? []).join('-');
}

function recoveryHash(personId: number, code: string): Buffer {
  const bare = code.toLowerCase().replace(/[^a-z2-7]/g, '');
  return createHash('sha256').update(`recovery code of ${personId} ${bare}`).digest();
}
