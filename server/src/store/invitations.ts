/** Invitations: to a user account's team, or (without an account) to have one of one's own. Links to set a new password too. */
import { type Selectable, sql } from 'kysely';
import type { Role } from '../domain/role.ts';
import type { Db, Tx } from './db.ts';
import type { PeopleSchema } from './people-schema.ts';

export type InvitationRow = Selectable<PeopleSchema['invitations']>;

export type NewInvitation = {
  tokenHash: Buffer | null;
  email: string;
  userId: number | null;
  role: Role;
  invitedBy: number | null;
  expiresAt: number;
};

export async function insertInvitation(tx: Tx, invitation: NewInvitation, now: number): Promise<number> {
  const row = await tx
    .insertInto('invitations')
    .values({
      token_hash: invitation.tokenHash,
      email: invitation.email,
      user_id: invitation.userId,
      role: invitation.role,
      invited_by: invitation.invitedBy,
      created_at: new Date(now),
      expires_at: new Date(invitation.expiresAt),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Gives an invitation the token that its letter will carry; null when it is gone or over. */
export async function setInvitationToken(
  db: Db,
  { id, tokenHash, now }: { id: number; tokenHash: Buffer; now: number },
): Promise<InvitationRow | null> {
  const row = await db
    .updateTable('invitations')
    .set({ token_hash: tokenHash })
    .where('id', '=', id)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

export async function findInvitation(db: Db, tokenHash: Buffer, now: number): Promise<InvitationRow | null> {
  const row = await db
    .selectFrom('invitations')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .executeTakeFirst();
  return row ?? null;
}

/** Takes an invitation away and answers it: whoever comes second finds none. */
export async function takeInvitation(tx: Tx, tokenHash: Buffer, now: number): Promise<InvitationRow | null> {
  const row = await tx
    .deleteFrom('invitations')
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** The open invitations of an account; null: those to have an account of one's own. */
export async function listInvitations(db: Db, userId: number | null, now: number) {
  return db
    .selectFrom('invitations')
    .select(['id', 'email', 'role', 'created_at', 'expires_at'])
    .where(sql<boolean>`user_id is not distinct from ${userId}::bigint`)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .orderBy('id')
    .limit(500)
    .execute();
}

/** Answers what was taken back; null when the account has no such invitation. */
export async function deleteInvitation(
  tx: Tx,
  userId: number | null,
  id: number,
): Promise<InvitationRow | null> {
  const row = await tx
    .deleteFrom('invitations')
    .where('id', '=', id)
    .where(sql<boolean>`user_id is not distinct from ${userId}::bigint`)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Takes back what an account has open for one address, letter case aside, and answers it. */
export async function deleteInvitationsTo(
  tx: Tx,
  userId: number | null,
  email: string,
): Promise<InvitationRow[]> {
  return tx
    .deleteFrom('invitations')
    .where(sql<boolean>`user_id is not distinct from ${userId}::bigint`)
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .returningAll()
    .execute();
}

export async function insertReset(
  tx: Tx,
  { tokenHash, personId, expiresAt }: { tokenHash: Buffer; personId: number; expiresAt: number },
): Promise<void> {
  await tx
    .insertInto('password_resets')
    .values({ token_hash: tokenHash, person_id: personId, expires_at: new Date(expiresAt) })
    .execute();
}

/** The person whose password a token may set anew; null when it is unknown, used or over. */
export async function personOfReset(db: Db, tokenHash: Buffer, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('password_resets')
    .select('person_id')
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .executeTakeFirst();
  return row?.person_id ?? null;
}

/** Ends every such token of a person. */
export async function deleteResets(tx: Tx, personId: number): Promise<void> {
  await tx.deleteFrom('password_resets').where('person_id', '=', personId).execute();
}
