/** Sessions: how long they last, how one begins, and how the device it began on is remembered. */
import { hashToken, newToken } from '../lib/secret-token.ts';
import type { Tx } from '../store/db.ts';
import {
  deleteSessionByToken,
  findSession,
  insertDevice,
  insertSession,
  isKnownDevice,
  noteDevice,
  noteSeen,
  type SessionRow,
  type Stage,
} from '../store/sessions.ts';
import type { PeopleDeps, Visitor } from './people-deps.ts';

/** After so long without a request a session is over; */
export const IDLE = 12 * 3_600_000;
/** and after so long in any case. */
const LONGEST = 30 * 24 * 3_600_000;
/** So long a password that was right waits for its second factor. */
const HALF_WAY = 10 * 60_000;
/** A visit is noted so often, not with every request. */
const SEEN_EVERY = 60_000;
/** So long after a proof what needs one is let through. */
export const PROOF_LIFETIME = 10 * 60_000;

const LONGEST_USER_AGENT = 200;

/** Where somebody signs in: the session and the device that the browser has shown so far. */
export type Doorstep = { visitor: Visitor; sessionToken: string | null; deviceToken: string | null };

/** What the browser gets. `deviceToken` is null while the sign-in is half done, or when the device is known. */
export type Opened = { token: string; stage: Stage; personId: number; deviceToken: string | null };

/** The session that a request's token stands for; null for none. Notes the visit. */
export async function findOpenSession(
  { db, clock }: Pick<PeopleDeps, 'db' | 'clock'>,
  token: string,
): Promise<SessionRow | null> {
  const now = clock.now();
  const session = await findSession(db, hashToken(token), { now, idleSince: now - IDLE });
  if (session && now - session.seen_at > SEEN_EVERY) await noteSeen(db, session.id, now);
  return session;
}

/** Opens a session under a fresh token and ends the one the browser came with, so that no known token gains rights. */
export async function openSession(
  tx: Tx,
  deps: PeopleDeps,
  { personId, stage, doorstep }: { personId: number; stage: Stage; doorstep: Doorstep },
): Promise<Opened> {
  const now = deps.clock.now();
  const { token, hash } = newToken(deps.randomBytes);
  if (doorstep.sessionToken) await deleteSessionByToken(tx, hashToken(doorstep.sessionToken));
  await insertSession(
    tx,
    {
      tokenHash: hash,
      personId,
      stage,
      address: doorstep.visitor.address,
      userAgent: storable(doorstep.visitor.userAgent),
      expiresAt: now + (stage === 'full' ? LONGEST : HALF_WAY),
    },
    now,
  );
  const deviceToken = stage === 'full' ? await rememberDevice(tx, deps, { personId, doorstep }) : null;
  return { token, stage, personId, deviceToken };
}

/** A token for a device that the person is not yet known to use; null when it is known. */
export async function rememberDevice(
  tx: Tx,
  { clock, randomBytes }: PeopleDeps,
  { personId, doorstep }: { personId: number; doorstep: Doorstep },
): Promise<string | null> {
  const known = doorstep.deviceToken ? hashToken(doorstep.deviceToken) : null;
  if (known && (await isKnownDevice(tx, personId, known))) {
    await noteDevice(tx, known, clock.now());
    return null;
  }
  const { token, hash } = newToken(randomBytes);
  await insertDevice(tx, personId, hash, clock.now());
  return token;
}

/** PostgreSQL text cannot hold NUL, and what a browser calls itself is not ours to trust. */
function storable(userAgent: string): string {
  return userAgent.replace(/\p{Cc}/gu, ' ').slice(0, LONGEST_USER_AGENT);
}
