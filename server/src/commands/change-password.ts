/** A new password: chosen by who is signed in and has just proved it, or by who holds a reset link. Other sessions end. */
import { z } from 'zod';
import { RESET_LIFETIME } from '../domain/registration.ts';
import { hashPassword } from '../lib/password.ts';
import { ok } from '../lib/result.ts';
import { hashToken, newToken } from '../lib/secret-token.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { dropEmailChange } from '../store/email-changes.ts';
import { deleteResets, insertReset, personOfReset } from '../store/invitations.ts';
import { findPerson, findPersonByEmail, lockPerson, setPassword } from '../store/people.ts';
import { deleteDevices, deleteSessions } from '../store/sessions.ts';
import { type Attempt, forgetAttempt } from './count-tries.ts';
import { type Checked, check, fault } from './faults.ts';
import { type Doorstep, rememberDevice } from './open-session.ts';
import { asPerson, type PeopleDeps, type Visitor, withGoodPassword } from './people-deps.ts';
import { invalid, type Judged, refuse } from './refusal.ts';

const passwordSchema = withGoodPassword(
  z.object({ password: z.string('must be a text'), email: z.string(), name: z.string() }),
);

/** `sessionId`: the one that stays. */
export async function changePassword(
  deps: PeopleDeps,
  { personId, sessionId, password, visitor }: Changing & { sessionId: number; visitor: Visitor },
): Promise<Judged<null>> {
  const passwordHash = await hashed(deps.db, { personId, password });
  if (!passwordHash.ok) return invalid(passwordHash.fault);
  return transact(deps.db, async (tx): Promise<Judged<null>> => {
    await lockPerson(tx, personId);
    await replace(tx, { personId, passwordHash: passwordHash.value, except: sessionId });
    await note(tx, deps, { personId, visitor, action: 'password.change' });
    return ok(null);
  });
}

type Changing = { personId: number; password: string };

/**
 * By a link. Whoever holds it has the mailbox, so the device is known from now on: even while strangers use up the tries of
 * this address, the owner gets in. Second factors stay.
 */
export async function resetPassword(
  deps: PeopleDeps,
  { token, password, doorstep }: { token: string; password: string; doorstep: Doorstep },
): Promise<Judged<{ deviceToken: string | null }>> {
  const { db, clock } = deps;
  const hash = hashToken(token);
  const personId = await personOfReset(db, hash, clock.now());
  if (personId === null) return refuse('link_over');
  const passwordHash = await hashed(db, { personId, password });
  if (!passwordHash.ok) return invalid(passwordHash.fault);
  return transact(db, async (tx): Promise<Judged<{ deviceToken: string | null }>> => {
    const person = await lockPerson(tx, personId);
    // Used meanwhile.
    if (!person || (await personOfReset(tx, hash, clock.now())) === null) return refuse('link_over');
    await replace(tx, { personId, passwordHash: passwordHash.value, except: null });
    await deleteDevices(tx, personId);
    const strangers: Attempt = { what: 'password', of: person.email.toLowerCase(), device: null };
    await forgetAttempt({ db: tx }, strangers);
    const deviceToken = await rememberDevice(tx, deps, { personId, doorstep });
    await note(tx, deps, { personId, visitor: doorstep.visitor, action: 'password.reset' });
    return ok({ deviceToken });
  });
}

/** A reset token for the person with this address, for the command line to print. */
export async function issueReset(deps: PeopleDeps, email: string): Promise<Checked<{ token: string }>> {
  const person = await findPersonByEmail(deps.db, email);
  if (!person) return fault('email', 'belongs to nobody');
  const { token, hash } = newToken(deps.randomBytes);
  return transact(deps.db, async (tx): Promise<Checked<{ token: string }>> => {
    const expiresAt = deps.clock.now() + RESET_LIFETIME;
    await insertReset(tx, { tokenHash: hash, personId: person.id, expiresAt });
    await note(tx, deps, { personId: person.id, visitor: null, action: 'password.reset_link' });
    return ok({ token });
  });
}

async function hashed(db: Db, { personId, password }: Changing): Promise<Checked<string>> {
  const person = await findPerson(db, personId);
  const checked = check(passwordSchema, { password, email: person?.email ?? '', name: person?.name ?? '' });
  return checked.ok ? ok(await hashPassword(checked.value.password)) : checked;
}

async function replace(
  tx: Tx,
  { personId, passwordHash, except }: { personId: number; passwordHash: string; except: number | null },
): Promise<void> {
  await setPassword(tx, personId, passwordHash);
  await deleteResets(tx, personId);
  // Whoever asked for another address may be whom the new password shuts out.
  await dropEmailChange(tx, personId);
  await deleteSessions(tx, personId, except);
}

async function note(
  tx: Tx,
  { vault, clock }: PeopleDeps,
  { personId, visitor, action }: { personId: number; visitor: Visitor | null; action: string },
): Promise<void> {
  const acting = visitor ? asPerson(personId, visitor) : ({ kind: 'command_line' } as const);
  const entry = { acting, userId: null, action, target: `person ${personId}` };
  await appendAudit(tx, vault, entry, clock.now());
}
