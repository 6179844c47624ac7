/** Adding a person without a link: on the command line, or at an unattended start. The first one is the operator. */
import { z } from 'zod';
import { hashPassword } from '../lib/password.ts';
import { ok } from '../lib/result.ts';
import { transact } from '../store/db.ts';
import { lockTeam } from '../store/memberships.ts';
import { anyPerson } from '../store/people.ts';
import { lockSetUp, setSetUp } from '../store/set-up.ts';
import { findUser } from '../store/users.ts';
import { addPerson, ownAccount, welcomeOwner } from './add-person.ts';
import { newPersonFields } from './claim-set-up.ts';
import { type Checked, check, fault } from './faults.ts';
import { emailField, type PeopleDeps, withGoodPassword } from './people-deps.ts';

const personSchema = withGoodPassword(z.object({ email: emailField, ...newPersonFields }));

export type PersonInput = {
  email: string;
  name: string;
  password: string;
  language: string;
  isOperator: boolean;
  /** The account they are to own; null: one of their own. */
  userId: number | null;
};

export async function createPerson(
  deps: PeopleDeps,
  input: PersonInput,
): Promise<Checked<{ id: number; userId: number }>> {
  const checked = check(personSchema, input);
  if (!checked.ok) return checked;
  const { password, ...person } = checked.value;
  if (input.userId !== null && !(await findUser(deps.db, input.userId)))
    return fault('user', 'there is no user with this id');
  const passwordHash = await hashPassword(password);
  return transact(deps.db, async (tx): Promise<Checked<{ id: number; userId: number }>> => {
    const isFirst = (await lockSetUp(tx)) !== null;
    const personId = await addPerson(tx, deps, {
      ...person,
      passwordHash,
      isOperator: input.isOperator || isFirst,
    });
    if (personId === null) return fault('email', 'belongs to a person already');
    const userId = input.userId ?? (await ownAccount(tx, deps, person.email));
    if (userId === null) throw new Error('a team has the account of an address that nobody has');
    if (isFirst) await setSetUp(tx, { hash: null, expiresAt: null, userId: null });
    await lockTeam(tx, userId);
    await welcomeOwner(tx, deps, { personId, userId, by: 'command line', visitor: null });
    return ok({ id: personId, userId });
  });
}

/** The operator of an unattended installation: made once, while there is nobody. Answers null when there is somebody. */
export async function createFirstPerson(
  deps: PeopleDeps,
  { email, password }: { email: string; password: string },
): Promise<Checked<{ id: number }> | null> {
  if (await anyPerson(deps.db)) return null;
  const name = email.split('@')[0] || email;
  const made = await createPerson(deps, {
    email,
    name,
    password,
    language: 'en',
    isOperator: true,
    userId: null,
  });
  // Another process, started at the same moment, was first.
  return made.ok || !(await anyPerson(deps.db)) ? made : null;
}
