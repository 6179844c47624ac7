/**
 * A fresh proof before what could lead money or secrets elsewhere: as much as signing in takes, the password and, where
 * the person has an authenticator app, its code. The session gets a new token. A passkey does as well; see
 * sign-in-with-passkey.ts.
 */
import { fitsPassword } from '../lib/password.ts';
import { ok } from '../lib/result.ts';
import { newToken } from '../lib/secret-token.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Tx, transact } from '../store/db.ts';
import { findPerson, lockPerson } from '../store/people.ts';
import { factorsOf } from '../store/second-factors.ts';
import { renewSession, type SessionRow } from '../store/sessions.ts';
import { admitTry, attemptAt, forgetAttempt } from './count-tries.ts';
import { asPerson, type PeopleDeps, type Visitor } from './people-deps.ts';
import { type Judged, refuse, tooMany } from './refusal.ts';
import { takeRecoveryCode, takeTotpCode } from './second-factor.ts';

type Proof = { password: string; code: string | null };
type Asked = { session: SessionRow; proof: Proof; visitor: Visitor; deviceToken: string | null };

/** The session's new token. */
export async function stepUp(deps: PeopleDeps, asked: Asked): Promise<Judged<{ token: string }>> {
  const { session, proof, visitor, deviceToken } = asked;
  const personId = session.person_id;
  const person = await findPerson(deps.db, personId);
  if (!person) return refuse('wrong');
  const attempt = await attemptAt(deps, { what: 'password', email: person.email, personId, deviceToken });
  const seconds = await admitTry(deps, attempt);
  if (seconds > 0) return tooMany(seconds);
  if (!(await fitsPassword(person.password_hash, proof.password))) return refuse('wrong');
  return transact(deps.db, async (tx): Promise<Judged<{ token: string }>> => {
    const locked = await lockPerson(tx, personId);
    if (locked?.password_hash !== person.password_hash) return refuse('wrong');
    if (!(await secondFactorFits(tx, deps, { personId, code: proof.code }))) return refuse('wrong');
    await forgetAttempt({ db: tx }, attempt);
    return renew(tx, deps, { session, visitor, by: 'password' });
  });
}

/** With an authenticator app its code, or a recovery code; without one nothing more. */
async function secondFactorFits(
  tx: Tx,
  deps: PeopleDeps,
  { personId, code }: { personId: number; code: string | null },
): Promise<boolean> {
  const { totp, passkeys } = await factorsOf(tx, personId);
  if (!totp && passkeys === 0) return true;
  if (code === null) return false;
  if (await takeTotpCode(tx, deps, { personId, code })) return true;
  return takeRecoveryCode(tx, deps, { personId, code });
}

/** Gives the session a new token and the proof its time. Called last in the transaction. */
export async function renew(
  tx: Tx,
  { vault, clock, randomBytes }: PeopleDeps,
  { session, visitor, by }: { session: SessionRow; visitor: Visitor; by: string },
): Promise<Judged<{ token: string }>> {
  const now = clock.now();
  const { token, hash } = newToken(randomBytes);
  if (!(await renewSession(tx, { id: session.id, tokenHash: hash, now }))) return refuse('wrong');
  const acting = asPerson(session.person_id, visitor);
  const entry = { acting, userId: null, action: 'session.step_up', target: `session ${session.id}` };
  await appendAudit(tx, vault, { ...entry, after: { by } }, now);
  return ok({ token });
}
