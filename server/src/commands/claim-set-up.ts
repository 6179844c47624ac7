/**
 * The first person: whoever holds the set-up link becomes the operator and the owner of a user account. There is no
 * default password. The installation's row is locked, so of any number of claims at the same moment one succeeds; from
 * then on there is nothing to claim.
 */
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { hashPassword } from '../lib/password.ts';
import { ok } from '../lib/result.ts';
import { hashToken, newToken } from '../lib/secret-token.ts';
import { transact } from '../store/db.ts';
import { findSetUp, lockSetUp, type SetUp, setSetUp } from '../store/set-up.ts';
import { addPerson, ownAccount, welcomeOwner } from './add-person.ts';
import { check } from './faults.ts';
import { type Doorstep, type Opened, openSession } from './open-session.ts';
import { emailField, languageField, nameField, type PeopleDeps, withGoodPassword } from './people-deps.ts';
import { invalid, type Judged, refuse } from './refusal.ts';

export const newPersonFields = {
  name: nameField,
  password: z.string('must be a text'),
  language: languageField,
};

const claimSchema = withGoodPassword(z.object({ email: emailField, ...newPersonFields }));

const LINK_LIFETIME = 24 * 3_600_000;

/** A fresh set-up token in place of any older one; null when there is a person already. */
export async function issueSetUpToken(
  { db, clock, randomBytes }: PeopleDeps,
  { userId }: { userId: number | null },
): Promise<string | null> {
  const { token, hash } = newToken(randomBytes);
  return transact(db, async tx => {
    if (!(await lockSetUp(tx))) return null;
    await setSetUp(tx, { hash, expiresAt: clock.now() + LINK_LIFETIME, userId });
    return token;
  });
}

export type Claim = { token: string; email: string; name: string; password: string; language: string };

export async function claimSetUp(
  deps: PeopleDeps,
  claim: Claim,
  doorstep: Doorstep,
): Promise<Judged<Opened>> {
  // Looked at before the costly hash, so that nobody without the link can ask for one; and again under the lock.
  const open = await findSetUp(deps.db);
  if (!open) return refuse('set_up_closed');
  if (!fits(open, claim.token, deps.clock.now())) return refuse('link_over');
  const checked = check(claimSchema, claim);
  if (!checked.ok) return invalid(checked.fault);
  const { password, ...person } = checked.value;
  const passwordHash = await hashPassword(password);
  return transact(deps.db, async (tx): Promise<Judged<Opened>> => {
    const setUp = await lockSetUp(tx);
    if (!setUp) return refuse('set_up_closed');
    if (!fits(setUp, claim.token, deps.clock.now())) return refuse('link_over');
    const personId = await addPerson(tx, deps, { ...person, passwordHash, isOperator: true });
    const userId = setUp.userId ?? (await ownAccount(tx, deps, person.email));
    if (personId === null || userId === null) throw new Error('the first person could not be added');
    await setSetUp(tx, { hash: null, expiresAt: null, userId: null });
    const opened = await openSession(tx, deps, { personId, stage: 'full', doorstep });
    await welcomeOwner(tx, deps, { personId, userId, by: 'set-up link', visitor: doorstep.visitor });
    return ok(opened);
  });
}

function fits({ hash, expiresAt }: SetUp, token: string, now: number): boolean {
  return hash !== null && expiresAt !== null && now < expiresAt && timingSafeEqual(hash, hashToken(token));
}
