/**
 * How often a password or a code may be tried (PCI DSS 4.0, 8.3.4: ten times, then half an hour). Whoever shows a device
 * that the person has signed in from is counted apart, so that strangers who use up the tries cannot lock the owner out.
 */
import { createHash } from 'node:crypto';
import { hashToken } from '../lib/secret-token.ts';
import { isKnownDevice } from '../store/sessions.ts';
import { countTry, forgetTries, type TryLimit } from '../store/tries.ts';
import type { PeopleDeps } from './people-deps.ts';

const SECRETS: TryLimit = { most: 10, window: 30 * 60_000 };
/** Letters to one address that somebody asked for. */
const LETTERS: TryLimit = { most: 3, window: 3_600_000 };

/** Letters that one person has sent to others. */
const SENT: TryLimit = { most: 30, window: 3_600_000 };

export type Tries = Pick<PeopleDeps, 'db' | 'clock'>;

/** What is tried of whom, from where: strangers' tries share a bucket, each known device has its own. */
export type Attempt = { what: 'password' | 'second factor'; of: string; device: Buffer | null };

/** `personId` null: nobody has this address, and the tries are counted all the same. */
export async function attemptAt(
  { db }: Tries,
  { what, email, personId, deviceToken }: TryOf,
): Promise<Attempt> {
  const device = deviceToken ? hashToken(deviceToken) : null;
  const known = device !== null && personId !== null && (await isKnownDevice(db, personId, device));
  return { what, of: email.toLowerCase(), device: known ? device : null };
}

type TryOf = {
  what: Attempt['what'];
  email: string;
  personId: number | null;
  deviceToken: string | null;
};

/** Counts a try before it is judged: 0, or the seconds until one is judged again. */
export async function admitTry({ db, clock }: Tries, attempt: Attempt): Promise<number> {
  return countTry(db, { bucket: bucketOf(attempt), limit: SECRETS, now: clock.now() });
}

/** After a right one. */
export async function forgetAttempt({ db }: Pick<Tries, 'db'>, attempt: Attempt): Promise<void> {
  await forgetTries(db, [bucketOf(attempt)]);
}

/** Whether one more letter may go to an address. */
export async function admitLetter({ db, clock }: Tries, email: string): Promise<boolean> {
  const bucket = digest(['letter', email.toLowerCase()]);
  return (await countTry(db, { bucket, limit: LETTERS, now: clock.now() })) === 0;
}

/** Whether one person may have one more letter sent to somebody else: 0, or the seconds until they may. */
export async function admitSending({ db, clock }: Tries, personId: number): Promise<number> {
  return countTry(db, { bucket: digest(['sent by', String(personId)]), limit: SENT, now: clock.now() });
}

function bucketOf({ what, of, device }: Attempt): Buffer {
  return digest([what, of, device?.toString('hex') ?? '']);
}

/** JSON keeps the parts apart. */
const digest = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest();
