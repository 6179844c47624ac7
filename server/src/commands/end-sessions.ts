/** Ending sessions: one's own at sign-out, another one by its number, or all the others. */
import { hashToken } from '../lib/secret-token.ts';
import { appendAudit } from '../store/audit-log.ts';
import { transact } from '../store/db.ts';
import { deleteSession, deleteSessionByToken, deleteSessions } from '../store/sessions.ts';
import { asPerson, type PeopleDeps, type Visitor } from './people-deps.ts';

export async function signOut({ db }: Pick<PeopleDeps, 'db'>, token: string): Promise<void> {
  await transact(db, tx => deleteSessionByToken(tx, hashToken(token)));
}

export type Ending = { personId: number; visitor: Visitor };

/** False when the person has no such session. */
export async function revokeSession(
  { db, vault, clock }: PeopleDeps,
  { personId, visitor, sessionId }: Ending & { sessionId: number },
): Promise<boolean> {
  return transact(db, async tx => {
    if (!(await deleteSession(tx, personId, sessionId))) return false;
    const entry = { acting: asPerson(personId, visitor), userId: null, action: 'session.revoke' };
    await appendAudit(tx, vault, { ...entry, target: `session ${sessionId}` }, clock.now());
    return true;
  });
}

/** Ends every session of the person but this one; answers how many. */
export async function revokeOtherSessions(
  { db, vault, clock }: PeopleDeps,
  { personId, visitor, sessionId }: Ending & { sessionId: number },
): Promise<number> {
  return transact(db, async tx => {
    const ended = await deleteSessions(tx, personId, sessionId);
    const entry = { acting: asPerson(personId, visitor), userId: null, action: 'session.revoke_others' };
    const about = { ...entry, target: `person ${personId}`, after: { ended } };
    await appendAudit(tx, vault, about, clock.now());
    return ended;
  });
}
