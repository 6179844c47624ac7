/** Adding a person, with the user account that is theirs: the last steps of every way in. */
import type { Language } from '../lib/language.ts';
import { appendAudit } from '../store/audit-log.ts';
import type { Tx } from '../store/db.ts';
import { insertMembership, lockTeam } from '../store/memberships.ts';
import { insertPerson } from '../store/people.ts';
import { insertUser, userIdByEmail } from '../store/users.ts';
import type { PeopleDeps, Visitor } from './people-deps.ts';

export type PersonToAdd = {
  email: string;
  name: string;
  passwordHash: string;
  language: Language;
  isOperator: boolean;
};

const HANDLE_BYTES = 32;

/** The person's id; null when the address has one already. */
export async function addPerson(tx: Tx, deps: PeopleDeps, person: PersonToAdd): Promise<number | null> {
  return insertPerson(tx, { ...person, handle: deps.randomBytes(HANDLE_BYTES) }, deps.clock.now());
}

/**
 * The account a person is to own: a new one under their address, or the one that has this address and no team yet, as
 * the command line makes them. null when somebody else's team has it.
 */
export async function ownAccount(tx: Tx, { clock }: PeopleDeps, email: string): Promise<number | null> {
  const made = await insertUser(tx, { email, passwordHash: null }, clock.now());
  const id = made ?? (await userIdByEmail(tx, email));
  return id !== null && (await lockTeam(tx, id)).length === 0 ? id : null;
}

/** Makes the person an owner of the account and writes down how they came. Called last in the transaction. */
export async function welcomeOwner(
  tx: Tx,
  { vault, clock }: PeopleDeps,
  {
    personId,
    userId,
    by,
    visitor,
  }: { personId: number; userId: number; by: string; visitor: Visitor | null },
): Promise<void> {
  const now = clock.now();
  await insertMembership(tx, { personId, userId, role: 'owner' }, now);
  const acting = visitor
    ? ({ kind: 'person', personId, address: visitor.address } as const)
    : ({ kind: 'command_line' } as const);
  const entry = { acting, userId, action: 'person.add', target: `person ${personId}` };
  await appendAudit(tx, vault, { ...entry, after: { by, role: 'owner' } }, now);
}
