/**
 * Accepting an invitation: as a new person, who chooses a name and a password, or as one who is here already and must be
 * signed in as the one invited. The link is good once.
 */
import { z } from 'zod';
import type { Role } from '../domain/role.ts';
import { hashPassword } from '../lib/password.ts';
import { ok } from '../lib/result.ts';
import { hashToken } from '../lib/secret-token.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Tx, transact } from '../store/db.ts';
import { findInvitation, type InvitationRow, takeInvitation } from '../store/invitations.ts';
import { insertMembership, lockTeam } from '../store/memberships.ts';
import { findPersonByEmail, type PersonRow } from '../store/people.ts';
import { findUser } from '../store/users.ts';
import { addPerson, ownAccount } from './add-person.ts';
import { newPersonFields } from './claim-set-up.ts';
import { check } from './faults.ts';
import { type Doorstep, type Opened, openSession } from './open-session.ts';
import { asPerson, type PeopleDeps, type Visitor, withGoodPassword } from './people-deps.ts';
import { invalid, type Judged, refuse } from './refusal.ts';

const newPersonSchema = withGoodPassword(z.object({ email: z.string(), ...newPersonFields }));

export type Invited = { email: string; role: string; account: string | null };

/** What the holder of a link is invited to. */
export async function lookAtInvitation(
  { db, clock }: Pick<PeopleDeps, 'db' | 'clock'>,
  token: string,
): Promise<Judged<Invited>> {
  const invitation = await findInvitation(db, hashToken(token), clock.now());
  if (!invitation) return refuse('link_over');
  const { email, role, user_id } = invitation;
  const account = user_id === null ? null : ((await findUser(db, user_id))?.email ?? null);
  return ok({ email, role, account });
}

export type NewMember = { token: string; name: string; password: string; language: string };

/** As a new person, who is signed in by it. `mayRegister`: whether people may come in here at all. */
export async function acceptAsNewPerson(
  deps: PeopleDeps,
  { member, doorstep, mayRegister }: { member: NewMember; doorstep: Doorstep; mayRegister: boolean },
): Promise<Judged<Opened>> {
  const { db, clock } = deps;
  const hash = hashToken(member.token);
  const invitation = await findInvitation(db, hash, clock.now());
  if (!invitation) return refuse('link_over');
  if (await findPersonByEmail(db, invitation.email)) return refuse('sign_in_first');
  if (!mayRegister) return refuse('forbidden');
  const checked = check(newPersonSchema, { ...member, email: invitation.email });
  if (!checked.ok) return invalid(checked.fault);
  const { password, ...person } = checked.value;
  const passwordHash = await hashPassword(password);
  return transact(db, async (tx): Promise<Judged<Opened>> => {
    const taken = await takeInvitation(tx, hash, clock.now());
    if (!taken) return refuse('link_over');
    const userId = await accountOf(tx, deps, taken);
    if (userId === null) return refuse('member_already');
    const personId = await addPerson(tx, deps, { ...person, passwordHash, isOperator: false });
    if (personId === null) return refuse('sign_in_first');
    const opened = await openSession(tx, deps, { personId, stage: 'full', doorstep });
    await join(tx, deps, { userId, role: taken.role, personId, visitor: doorstep.visitor });
    return ok(opened);
  });
}

/** As somebody who is signed in. */
export async function acceptAsPerson(
  deps: PeopleDeps,
  { token, person, visitor }: { token: string; person: PersonRow; visitor: Visitor },
): Promise<Judged<{ userId: number }>> {
  const hash = hashToken(token);
  const invitation = await findInvitation(deps.db, hash, deps.clock.now());
  if (!invitation) return refuse('link_over');
  if (invitation.email.toLowerCase() !== person.email.toLowerCase()) return refuse('for_somebody_else');
  return transact(deps.db, async (tx): Promise<Judged<{ userId: number }>> => {
    const taken = await takeInvitation(tx, hash, deps.clock.now());
    if (!taken) return refuse('link_over');
    const userId = await accountOf(tx, deps, taken);
    if (userId === null) return refuse('member_already');
    const joined = await join(tx, deps, { userId, role: taken.role, personId: person.id, visitor });
    return joined ? ok({ userId }) : refuse('member_already');
  });
}

/** The account an invitation is to; null when the one of its address has a team already. */
async function accountOf(
  tx: Tx,
  deps: PeopleDeps,
  { user_id, email }: InvitationRow,
): Promise<number | null> {
  if (user_id === null) return ownAccount(tx, deps, email);
  await lockTeam(tx, user_id);
  return user_id;
}

type Joining = { userId: number; role: Role; personId: number; visitor: Visitor };

/** Answers false for a member; nothing changes then. Called last in the transaction. */
async function join(tx: Tx, { vault, clock }: PeopleDeps, joining: Joining): Promise<boolean> {
  const { userId, role, personId, visitor } = joining;
  const now = clock.now();
  if (!(await insertMembership(tx, { personId, userId, role }, now))) return false;
  const entry = { acting: asPerson(personId, visitor), userId, action: 'membership.add' };
  await appendAudit(tx, vault, { ...entry, target: `person ${personId}`, after: { role } }, now);
  return true;
}
