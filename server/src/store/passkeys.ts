/** Passkeys, and the challenges they sign: each is good once, for a few minutes. */
import { type Selectable, sql } from 'kysely';
import type { Db, Tx } from './db.ts';
import type { PeopleSchema } from './people-schema.ts';

export type PasskeyRow = Selectable<PeopleSchema['passkeys']>;

export async function insertChallenge(
  db: Db,
  challenge: { challenge: string; sessionId: number | null; expiresAt: number },
): Promise<void> {
  await db
    .insertInto('passkey_challenges')
    .values({
      challenge: challenge.challenge,
      session_id: challenge.sessionId,
      expires_at: new Date(challenge.expiresAt),
    })
    .execute();
}

/** Takes a challenge away; whether it was there, still good, and made for this session (null: for whoever signs in). */
export async function takeChallenge(
  db: Db,
  { challenge, sessionId, now }: { challenge: string; sessionId: number | null; now: number },
): Promise<boolean> {
  const row = await db
    .deleteFrom('passkey_challenges')
    .where('challenge', '=', challenge)
    .where(sql<boolean>`session_id is not distinct from ${sessionId}::bigint`)
    .returning('expires_at')
    .executeTakeFirst();
  return row !== undefined && row.expires_at > now;
}

export async function findPasskey(db: Db, credentialId: string): Promise<PasskeyRow | null> {
  const row = await db
    .selectFrom('passkeys')
    .selectAll()
    .where('credential_id', '=', credentialId)
    .executeTakeFirst();
  return row ?? null;
}

export async function passkeysOf(db: Db, personId: number): Promise<PasskeyRow[]> {
  return db.selectFrom('passkeys').selectAll().where('person_id', '=', personId).orderBy('id').execute();
}

export type NewPasskey = {
  personId: number;
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  name: string;
};

/** Answers its id; null when the credential is registered already. */
export async function insertPasskey(tx: Tx, passkey: NewPasskey, now: number): Promise<number | null> {
  const row = await tx
    .insertInto('passkeys')
    .values({
      person_id: passkey.personId,
      credential_id: passkey.credentialId,
      public_key: passkey.publicKey,
      counter: passkey.counter,
      transports: passkey.transports,
      name: passkey.name,
      created_at: new Date(now),
    })
    .onConflict(conflict => conflict.column('credential_id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** False when the passkey has been taken away since it was found. */
export async function notePasskeyUse(
  tx: Tx,
  { id, counter, now }: { id: number; counter: number; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkeys')
    .set({ counter, last_used_at: new Date(now) })
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Answers its name; null when the person has no such passkey. */
export async function deletePasskey(tx: Tx, personId: number, id: number): Promise<string | null> {
  const row = await tx
    .deleteFrom('passkeys')
    .where('person_id', '=', personId)
    .where('id', '=', id)
    .returning('name')
    .executeTakeFirst();
  return row?.name ?? null;
}
