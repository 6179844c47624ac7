/** Changing a member's role, or taking one out of the team. The last owner can neither go nor step down. */
import { mayGrant, type Role } from '../domain/role.ts';
import { ok } from '../lib/result.ts';
import { appendAudit } from '../store/audit-log.ts';
import { transact } from '../store/db.ts';
import { deleteMembership, lockTeam, type Member, setRole } from '../store/memberships.ts';
import { asPerson, type PeopleDeps, type Visitor } from './people-deps.ts';
import { type Judged, refuse } from './refusal.ts';

export type TeamChange = {
  userId: number;
  /** Who changes it; */
  actorId: number;
  /** and whom. */
  personId: number;
  /** null: out of the team. */
  role: Role | null;
  visitor: Visitor;
};

/** Everybody may leave; else it takes the right to give both the role there is and the one there will be. */
export async function changeTeam(
  { db, vault, clock }: PeopleDeps,
  change: TeamChange,
): Promise<Judged<null>> {
  const { userId, personId, actorId, role, visitor } = change;
  return transact(db, async (tx): Promise<Judged<null>> => {
    const judged = judge(await lockTeam(tx, userId), change);
    if (!judged.ok) return judged;
    if (role === null) await deleteMembership(tx, personId, userId);
    else await setRole(tx, { personId, userId, role });
    const action = role === null ? 'membership.remove' : 'membership.change';
    const entry = { acting: asPerson(actorId, visitor), userId, action, target: `person ${personId}` };
    const facts = { before: { role: judged.value.role }, ...(role && { after: { role } }) };
    await appendAudit(tx, vault, { ...entry, ...facts }, clock.now());
    return ok(null);
  });
}

function judge(team: readonly Member[], { actorId, personId, role }: TeamChange): Judged<Member> {
  const actor = team.find(member => member.personId === actorId);
  const subject = team.find(member => member.personId === personId);
  if (!actor || !subject) return refuse('not_found');
  const leaves = role === null && actorId === personId;
  if (!leaves && !(mayGrant(actor.role, subject.role) && (role === null || mayGrant(actor.role, role))))
    return refuse('forbidden');
  const owners = team.filter(member => member.role === 'owner');
  if (subject.role === 'owner' && role !== 'owner' && owners.length === 1) return refuse('last_owner');
  return ok(subject);
}
