/**
 * Another e-mail address: asked for by who is signed in and has just proved it, and so only once its mailbox is proved. The
 * old address hears of both. Whether somebody else has the new one is told to its mailbox alone.
 */
import { z } from 'zod';
import { EMAIL_CHANGE_LIFETIME } from '../domain/registration.ts';
import { ok } from '../lib/result.ts';
import { hashToken } from '../lib/secret-token.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Tx, transact } from '../store/db.ts';
import { askEmailChange, dropEmailChange, takeEmailChange } from '../store/email-changes.ts';
import { deleteResets } from '../store/invitations.ts';
import { insertMail } from '../store/mails.ts';
import { findPersonByEmail, lockPerson, type PersonRow, setEmail } from '../store/people.ts';
import { deleteSessions } from '../store/sessions.ts';
import { admitLetter } from './count-tries.ts';
import { type Checked, check, fault } from './faults.ts';
import { asPerson, emailField, type PeopleDeps, type Visitor } from './people-deps.ts';
import { invalid, type Judged, refuse, tooMany } from './refusal.ts';
import { rule } from './rule.ts';

type Asking = { person: PersonRow; sessionId: number; visitor: Visitor; email: string };

/**
 * Answers the same whoever has the address. Both addresses get a few letters an hour: beyond that whoever asks is told to
 * wait, or nothing is sent to the new one.
 */
export async function askNewEmail(
  deps: PeopleDeps,
  { person, sessionId, visitor, ...asked }: Asking,
): Promise<Judged<null>> {
  const checked = check(z.object({ email: emailField }), asked);
  if (!checked.ok) return invalid(checked.fault);
  const { email } = checked.value;
  if (email.toLowerCase() === person.email.toLowerCase())
    return invalid([{ field: 'email', text: 'is your address already', ...rule('email_own') }]);
  const { db, clock, vault } = deps;
  if (!(await admitLetter(deps, person.email))) return tooMany(3600);
  if (!(await admitLetter(deps, email))) return ok(null);
  await transact(db, async tx => {
    const now = clock.now();
    await lockPerson(tx, person.id);
    const expiresAt = now + EMAIL_CHANGE_LIFETIME;
    await askEmailChange(tx, { personId: person.id, email, sessionId, expiresAt });
    const { language } = person;
    await insertMail(tx, { kind: 'email_change', email, language, invitationId: null }, now);
    await insertMail(
      tx,
      { kind: 'email_asked', email: person.email, language, invitationId: null, about: email },
      now,
    );
    const entry = { acting: asPerson(person.id, visitor), userId: null, action: 'email.ask' };
    await appendAudit(tx, vault, { ...entry, target: `person ${person.id}`, after: { email } }, now);
  });
  return ok(null);
}

/** Nothing waits to be proved any more: the link that was sent is of no use. */
export async function forgetNewEmail({ db }: Pick<PeopleDeps, 'db'>, personId: number): Promise<void> {
  await transact(db, tx => dropEmailChange(tx, personId));
}

/** By the link of the letter. Every session ends but the one in which it was asked for. */
export async function proveNewEmail(
  deps: PeopleDeps,
  { token, visitor }: { token: string; visitor: Visitor },
): Promise<Judged<{ email: string }>> {
  const { db, clock } = deps;
  return transact(db, async (tx): Promise<Judged<{ email: string }>> => {
    const now = clock.now();
    const change = await takeEmailChange(tx, hashToken(token), now);
    const person = change && (await lockPerson(tx, change.personId));
    // Somebody has come to this address meanwhile.
    if (!person || !(await setEmail(tx, person.id, change.email))) return refuse('link_over');
    await deleteSessions(tx, person.id, change.sessionId);
    await settle(tx, deps, { person, email: change.email, visitor, now });
    return ok({ email: change.email });
  });
}

/** By the operator, at the command line: nothing is proved, and every session ends. */
export async function changeEmail(
  deps: PeopleDeps,
  asked: { from: string; to: string },
): Promise<Checked<{ id: number }>> {
  const checked = check(z.object({ to: emailField }), asked);
  if (!checked.ok) return checked;
  const { to } = checked.value;
  return transact(deps.db, async (tx): Promise<Checked<{ id: number }>> => {
    const found = await findPersonByEmail(tx, asked.from);
    const person = found && (await lockPerson(tx, found.id));
    if (!person) return fault('email', 'belongs to nobody');
    if (!(await setEmail(tx, person.id, to)))
      return fault('to', 'belongs to a person already', rule('email_taken'));
    await deleteSessions(tx, person.id, null);
    await dropEmailChange(tx, person.id);
    await settle(tx, deps, { person, email: to, visitor: null, now: deps.clock.now() });
    return ok({ id: person.id });
  });
}

type Settling = { person: PersonRow; email: string; visitor: Visitor | null; now: number };

/** Links that were sent to the old address are of no use, it is told, and so is the audit log. */
async function settle(
  tx: Tx,
  { vault }: PeopleDeps,
  { person, email, visitor, now }: Settling,
): Promise<void> {
  await deleteResets(tx, person.id);
  const { id, language } = person;
  await insertMail(
    tx,
    { kind: 'email_changed', email: person.email, language, invitationId: null, about: email },
    now,
  );
  const acting = visitor ? asPerson(id, visitor) : ({ kind: 'command_line' } as const);
  const facts = { before: { email: person.email }, after: { email } };
  await appendAudit(
    tx,
    vault,
    { acting, userId: null, action: 'email.change', target: `person ${id}`, ...facts },
    now,
  );
}
