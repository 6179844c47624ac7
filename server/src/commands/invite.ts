/** Inviting somebody to a team, or to have an account of their own; and taking that back. */
import { z } from 'zod';
import { INVITATION_LIFETIME } from '../domain/registration.ts';
import { mayGrant, type Role, roles } from '../domain/role.ts';
import type { Language } from '../lib/language.ts';
import { ok } from '../lib/result.ts';
import { newToken } from '../lib/secret-token.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Tx, transact } from '../store/db.ts';
import {
  deleteInvitation,
  deleteInvitationsTo,
  insertInvitation,
  listInvitations,
} from '../store/invitations.ts';
import { insertMail } from '../store/mails.ts';
import { lockTeam } from '../store/memberships.ts';
import { admitLetter, admitSending } from './count-tries.ts';
import { check } from './faults.ts';
import { asPerson, emailField, type PeopleDeps, type Visitor } from './people-deps.ts';
import { invalid, type Judged, refuse, tooMany } from './refusal.ts';

const MOST = 100;

const invitationSchema = z.object({ email: emailField, role: z.enum(roles, 'is no role') });

export type Inviting = {
  personId: number;
  visitor: Visitor;
  /** The team; null: an account of their own, which operators give. */
  userId: number | null;
  email: string;
  role: Role;
  language: Language;
  /** Whether a letter takes the link there; else it is answered, to be handed on. */
  byMail: boolean;
};

/**
 * Says nothing of whether the address is a person's already. Of one address an account has one open invitation: another one
 * takes its place, and the older link ends. Letters are counted by address and by who has them sent.
 */
export async function invite(
  deps: PeopleDeps,
  invitation: Inviting,
): Promise<Judged<{ id: number; token: string | null }>> {
  const checked = check(invitationSchema, invitation);
  if (!checked.ok) return invalid(checked.fault);
  const { personId, userId, visitor, language, byMail } = invitation;
  const { email, role } = checked.value;
  const now = deps.clock.now();
  const wait = byMail ? await untilNextLetter(deps, personId, email) : 0;
  if (wait > 0) return tooMany(wait);
  const { token, hash } = newToken(deps.randomBytes);
  return transact(deps.db, async (tx): Promise<Judged<{ id: number; token: string | null }>> => {
    if (userId !== null && !(await mayGive(tx, { personId, userId, role }))) return refuse('forbidden');
    const [replaced] = await deleteInvitationsTo(tx, userId, email);
    if ((await listInvitations(tx, userId, now)).length >= MOST) return refuse('too_many_invitations');
    const tokenHash = byMail ? null : hash;
    const expiresAt = now + INVITATION_LIFETIME;
    const row = { tokenHash, email, userId, role, invitedBy: personId, expiresAt };
    const id = await insertInvitation(tx, row, now);
    if (byMail) await insertMail(tx, { kind: 'invitation', email, language, invitationId: id }, now);
    const entry = { acting: asPerson(personId, visitor), userId, action: 'invitation.add' };
    const before = replaced && { before: { email: replaced.email, role: replaced.role } };
    const facts = { target: `invitation ${id}`, ...before, after: { email, role } };
    await appendAudit(tx, deps.vault, { ...entry, ...facts }, now);
    return ok({ id, token: byMail ? null : token });
  });
}

/** Seconds until this person may have a letter sent to this address; 0: now, and it is counted. */
async function untilNextLetter(deps: PeopleDeps, personId: number, email: string): Promise<number> {
  const seconds = await admitSending(deps, personId);
  if (seconds > 0) return seconds;
  return (await admitLetter(deps, email)) ? 0 : 3600;
}

/** Asked under the lock: the inviter's own role may just have changed. */
async function mayGive(tx: Tx, asked: { personId: number; userId: number; role: Role }): Promise<boolean> {
  const actor = (await lockTeam(tx, asked.userId)).find(({ personId }) => personId === asked.personId);
  return actor !== undefined && mayGrant(actor.role, asked.role);
}

export async function takeBackInvitation(
  { db, vault, clock }: PeopleDeps,
  { personId, visitor, userId, id }: Pick<Inviting, 'personId' | 'visitor' | 'userId'> & { id: number },
): Promise<Judged<null>> {
  return transact(db, async (tx): Promise<Judged<null>> => {
    const gone = await deleteInvitation(tx, userId, id);
    if (!gone) return refuse('not_found');
    const entry = { acting: asPerson(personId, visitor), userId, action: 'invitation.remove' };
    const before = { email: gone.email, role: gone.role };
    await appendAudit(tx, vault, { ...entry, target: `invitation ${id}`, before }, clock.now());
    return ok(null);
  });
}
