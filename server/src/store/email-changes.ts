/** New e-mail addresses that people have asked for and not proved yet: one a person. */
import { sql } from 'kysely';
import type { Db, Tx } from './db.ts';

/** In place of one asked for before. `sessionId`: where it was asked for. */
export async function askEmailChange(
  tx: Tx,
  change: { personId: number; email: string; sessionId: number; expiresAt: number },
): Promise<void> {
  const row = {
    email: change.email,
    session_id: change.sessionId,
    token_hash: null,
    expires_at: new Date(change.expiresAt),
  };
  await tx
    .insertInto('email_changes')
    .values({ person_id: change.personId, ...row })
    .onConflict(conflict => conflict.column('person_id').doUpdateSet(row))
    .execute();
}

/** Gives a change the token that its letter will carry; false when nobody waits for this address any more. */
export async function setEmailChangeToken(
  db: Db,
  { email, tokenHash, expiresAt }: { email: string; tokenHash: Buffer; expiresAt: number },
  now: number,
): Promise<boolean> {
  // Two people who ask for one address: the letter is of whoever asked last.
  const { rows } = await sql`
    update email_changes set token_hash = ${tokenHash}, expires_at = ${new Date(expiresAt)}
     where person_id = (select person_id from email_changes
                         where lower(email) = lower(${email}) and expires_at > ${new Date(now)}
                         order by expires_at desc, person_id limit 1)
    returning person_id`.execute(db);
  return rows.length === 1;
}

/** Takes a change away and answers it; null when the token is unknown, used or over. */
export async function takeEmailChange(
  tx: Tx,
  tokenHash: Buffer,
  now: number,
): Promise<{ personId: number; email: string; sessionId: number } | null> {
  const row = await tx
    .deleteFrom('email_changes')
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .returning(['person_id as personId', 'email', 'session_id as sessionId'])
    .executeTakeFirst();
  return row ?? null;
}

/** The address a person waits to prove; null where there is none. */
export async function waitingEmail(db: Db, personId: number, now: number): Promise<string | null> {
  const row = await db
    .selectFrom('email_changes')
    .select('email')
    .where('person_id', '=', personId)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .executeTakeFirst();
  return row?.email ?? null;
}

/** Nothing waits any more. */
export async function dropEmailChange(tx: Tx, personId: number): Promise<void> {
  await tx.deleteFrom('email_changes').where('person_id', '=', personId).execute();
}
