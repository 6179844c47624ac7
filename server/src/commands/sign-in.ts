/**
 * Signing in: a password that is right opens a session, or, where the person has a second factor, half of one that waits
 * for it. For an address nobody has, the same is done and takes as long.
 */
import { fitsPassword } from '../lib/password.ts';
import { ok } from '../lib/result.ts';
import { appendAudit } from '../store/audit-log.ts';
import { transact } from '../store/db.ts';
import { findPerson, findPersonByEmail, lockPerson } from '../store/people.ts';
import { factorsOf } from '../store/second-factors.ts';
import { deleteSession, type SessionRow } from '../store/sessions.ts';
import { admitTry, attemptAt, forgetAttempt } from './count-tries.ts';
import { type Doorstep, type Opened, openSession } from './open-session.ts';
import { asPerson, type PeopleDeps } from './people-deps.ts';
import { type Judged, refuse, tooMany } from './refusal.ts';
import { takeRecoveryCode, takeTotpCode } from './second-factor.ts';

export type SignIn = Judged<Opened>;

export async function signIn(
  deps: PeopleDeps,
  { email, password, doorstep }: { email: string; password: string; doorstep: Doorstep },
): Promise<SignIn> {
  const person = await findPersonByEmail(deps.db, email);
  const attempt = await attemptAt(deps, {
    what: 'password',
    email,
    personId: person?.id ?? null,
    deviceToken: doorstep.deviceToken,
  });
  const seconds = await admitTry(deps, attempt);
  if (seconds > 0) return tooMany(seconds);
  const fits = await fitsPassword(person?.password_hash ?? null, password);
  if (!person || !fits) return refuse('wrong');
  return transact(deps.db, async (tx): Promise<SignIn> => {
    const locked = await lockPerson(tx, person.id);
    // Changed between the look and the lock: the old one is worth nothing any more.
    if (locked?.password_hash !== person.password_hash) return refuse('wrong');
    await forgetAttempt({ db: tx }, attempt);
    const { totp, passkeys } = await factorsOf(tx, person.id);
    const stage = totp || passkeys > 0 ? 'second_factor' : 'full';
    const opened = await openSession(tx, deps, { personId: person.id, stage, doorstep });
    if (stage === 'full') await noteSignIn(tx, deps, { personId: person.id, by: 'password', doorstep });
    return ok(opened);
  });
}

/** The second half: a code of the authenticator app, or a recovery code. */
export async function signInWithCode(
  deps: PeopleDeps,
  { session, kind, code, doorstep }: SecondHalf,
): Promise<SignIn> {
  const person = await findPerson(deps.db, session.person_id);
  if (!person || session.stage !== 'second_factor') return refuse('wrong');
  const { deviceToken } = doorstep;
  const personId = person.id;
  const attempt = await attemptAt(deps, {
    what: 'second factor',
    email: person.email,
    personId,
    deviceToken,
  });
  const seconds = await admitTry(deps, attempt);
  if (seconds > 0) return tooMany(seconds);
  return transact(deps.db, async (tx): Promise<SignIn> => {
    const take = kind === 'totp' ? takeTotpCode : takeRecoveryCode;
    if (!(await take(tx, deps, { personId, code }))) return refuse('wrong');
    // Ended meanwhile, by a new password for one: then its half counts for nothing.
    if (!(await deleteSession(tx, personId, session.id))) return refuse('wrong');
    await forgetAttempt({ db: tx }, attempt);
    const opened = await openSession(tx, deps, { personId, stage: 'full', doorstep });
    await noteSignIn(tx, deps, { personId, by: kind, doorstep });
    return ok(opened);
  });
}

type SecondHalf = {
  session: SessionRow;
  kind: 'totp' | 'recovery_code';
  code: string;
  doorstep: Doorstep;
};

/** Called last in the transaction. */
export async function noteSignIn(
  tx: Parameters<typeof appendAudit>[0],
  { vault, clock }: PeopleDeps,
  { personId, by, doorstep }: { personId: number; by: string; doorstep: Doorstep },
): Promise<void> {
  const entry = {
    acting: asPerson(personId, doorstep.visitor),
    userId: null,
    action: 'session.begin',
    target: `person ${personId}`,
    after: { by },
  };
  await appendAudit(tx, vault, entry, clock.now());
}
