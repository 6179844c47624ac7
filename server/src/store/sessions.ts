/** Sessions, and the devices a person has signed in from. A row is found by the SHA-256 of its token alone. */
import { type Selectable, sql } from 'kysely';
import type { Db, Tx } from './db.ts';
import type { PeopleSchema } from './people-schema.ts';

export type SessionRow = Selectable<PeopleSchema['sessions']>;
export type Stage = SessionRow['stage'];

export type NewSession = {
  tokenHash: Buffer;
  personId: number;
  stage: Stage;
  address: string;
  userAgent: string;
  expiresAt: number;
};

export async function insertSession(tx: Tx, session: NewSession, now: number): Promise<void> {
  const at = new Date(now);
  await tx
    .insertInto('sessions')
    .values({
      token_hash: session.tokenHash,
      person_id: session.personId,
      stage: session.stage,
      address: session.address,
      user_agent: session.userAgent,
      created_at: at,
      seen_at: at,
      proved_at: at,
      expires_at: new Date(session.expiresAt),
    })
    .execute();
}

/** The session behind a token, unless it has ended or lain idle since `idleSince`. */
export async function findSession(
  db: Db,
  tokenHash: Buffer,
  { now, idleSince }: { now: number; idleSince: number },
): Promise<SessionRow | null> {
  const row = await db
    .selectFrom('sessions')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .where('seen_at', '>', sql<number>`${new Date(idleSince)}`)
    .executeTakeFirst();
  return row ?? null;
}

export async function noteSeen(db: Db, id: number, now: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ seen_at: new Date(now) })
    .where('id', '=', id)
    .execute();
}

/** The sessions of a person that are still good, latest first; of those that wait for a second factor, none. */
export async function listSessions(
  db: Db,
  personId: number,
  { now, idleSince }: { now: number; idleSince: number },
) {
  return db
    .selectFrom('sessions')
    .select(['id', 'address', 'user_agent', 'created_at', 'seen_at'])
    .where('person_id', '=', personId)
    .where('stage', '=', 'full')
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .where('seen_at', '>', sql<number>`${new Date(idleSince)}`)
    .orderBy('seen_at', 'desc')
    .limit(100)
    .execute();
}

/** Gives a session a new token and notes the proof; false when the session has ended meanwhile. */
export async function renewSession(
  tx: Tx,
  { id, tokenHash, now }: { id: number; tokenHash: Buffer; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('sessions')
    .set({ token_hash: tokenHash, proved_at: new Date(now), seen_at: new Date(now) })
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Ends the session behind a token, if there is one. */
export async function deleteSessionByToken(tx: Tx, tokenHash: Buffer): Promise<void> {
  await tx.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute();
}

/** Ends one session of a person; false when there is no such one. */
export async function deleteSession(tx: Tx, personId: number, id: number): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Ends every session of a person but one (null: every one); answers how many. */
export async function deleteSessions(tx: Tx, personId: number, except: number | null): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .$if(except !== null, query => query.where('id', '<>', except as number))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Whether the person has signed in with this device token before. */
export async function isKnownDevice(db: Db, personId: number, tokenHash: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom('known_devices')
    .select('person_id')
    .where('token_hash', '=', tokenHash)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether anybody has signed in with this device token before. */
export async function isDevice(db: Db, tokenHash: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom('known_devices')
    .select('person_id')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertDevice(tx: Tx, personId: number, tokenHash: Buffer, now: number): Promise<void> {
  await tx
    .insertInto('known_devices')
    .values({ token_hash: tokenHash, person_id: personId, seen_at: new Date(now) })
    .execute();
}

export async function noteDevice(tx: Tx, tokenHash: Buffer, now: number): Promise<void> {
  await tx
    .updateTable('known_devices')
    .set({ seen_at: new Date(now) })
    .where('token_hash', '=', tokenHash)
    .execute();
}

export async function deleteDevices(tx: Tx, personId: number): Promise<void> {
  await tx.deleteFrom('known_devices').where('person_id', '=', personId).execute();
}
