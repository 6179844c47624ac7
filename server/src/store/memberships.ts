/** Who may work on which user account, and as what. */
import type { Role } from '../domain/role.ts';
import type { Db, Tx } from './db.ts';

export type Membership = { userId: number; email: string; role: Role };

/** The accounts of a person, by the account's number. */
export async function membershipsOf(db: Db, personId: number): Promise<Membership[]> {
  const rows = await db
    .selectFrom('memberships as m')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .select(['m.user_id', 'u.email', 'm.role'])
    .where('m.person_id', '=', personId)
    .orderBy('m.user_id')
    .execute();
  return rows.map(({ user_id, email, role }) => ({ userId: user_id, email, role }));
}

export type Member = { personId: number; role: Role };

/** Locks the account, so that two changes of one team are judged one after the other; its members with their roles. */
export async function lockTeam(tx: Tx, userId: number): Promise<Member[]> {
  await tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().executeTakeFirst();
  const rows = await tx
    .selectFrom('memberships')
    .select(['person_id', 'role'])
    .where('user_id', '=', userId)
    .execute();
  return rows.map(({ person_id, role }) => ({ personId: person_id, role }));
}

export async function listTeam(db: Db, userId: number) {
  return db
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .select(['p.id', 'p.email', 'p.name', 'm.role', 'm.created_at'])
    .where('m.user_id', '=', userId)
    .orderBy('p.id')
    .execute();
}

/** Answers false when the person is a member already; the role stays what it was. */
export async function insertMembership(
  tx: Tx,
  { personId, userId, role }: { personId: number; userId: number; role: Role },
  now: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('memberships')
    .values({ person_id: personId, user_id: userId, role, created_at: new Date(now) })
    .onConflict(conflict => conflict.columns(['person_id', 'user_id']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function setRole(
  tx: Tx,
  { personId, userId, role }: { personId: number; userId: number; role: Role },
): Promise<void> {
  await tx
    .updateTable('memberships')
    .set({ role })
    .where('person_id', '=', personId)
    .where('user_id', '=', userId)
    .execute();
}

export async function deleteMembership(tx: Tx, personId: number, userId: number): Promise<void> {
  await tx
    .deleteFrom('memberships')
    .where('person_id', '=', personId)
    .where('user_id', '=', userId)
    .execute();
}
