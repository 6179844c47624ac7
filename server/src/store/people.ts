/** People who sign in. Which user accounts they may work on is in memberships.ts. */
import { type Selectable, sql } from 'kysely';
import type { Language } from '../lib/language.ts';
import type { Db, Tx } from './db.ts';
import type { PeopleSchema } from './people-schema.ts';

export type PersonRow = Selectable<PeopleSchema['people']>;

export async function findPersonByEmail(db: Db, email: string): Promise<PersonRow | null> {
  const row = await db
    .selectFrom('people')
    .selectAll()
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .executeTakeFirst();
  return row ?? null;
}

export async function findPerson(db: Db, id: number): Promise<PersonRow | null> {
  const row = await db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** Locks a person for a change of what proves who it is. */
export async function lockPerson(tx: Tx, id: number): Promise<PersonRow | null> {
  const row = await tx.selectFrom('people').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ?? null;
}

export async function anyPerson(db: Db): Promise<boolean> {
  return (await db.selectFrom('people').select('id').limit(1).executeTakeFirst()) !== undefined;
}

export type NewPerson = {
  email: string;
  name: string;
  passwordHash: string;
  language: Language;
  isOperator: boolean;
  /** 32 random bytes that authenticators know the person by. */
  handle: Buffer;
};

/** Answers the new person's id, or null when the e-mail address has one already (letter case does not matter). */
export async function insertPerson(tx: Tx, person: NewPerson, now: number): Promise<number | null> {
  const row = await tx
    .insertInto('people')
    .values({
      email: person.email,
      name: person.name,
      password_hash: person.passwordHash,
      language: person.language,
      is_operator: person.isOperator,
      handle: person.handle,
      created_at: new Date(now),
    })
    .onConflict(conflict => conflict.expression(sql`lower(email)`).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return null;
  // Everybody is reached by e-mail, where the installation sends any.
  await tx
    .insertInto('notice_channels')
    .values({ person_id: row.id, channel: 'email', due_at: new Date(now) })
    .execute();
  return row.id;
}

export async function setPassword(tx: Tx, id: number, passwordHash: string): Promise<void> {
  await tx.updateTable('people').set({ password_hash: passwordHash }).where('id', '=', id).execute();
}

export async function setProfile(
  tx: Tx,
  id: number,
  { name, language }: { name: string; language: Language },
): Promise<void> {
  await tx.updateTable('people').set({ name, language }).where('id', '=', id).execute();
}

/** False when the address is another person's. */
export async function setEmail(tx: Tx, id: number, email: string): Promise<boolean> {
  const { rows } = await sql`
    update people set email = ${email}
     where id = ${id} and not exists (select from people o where lower(o.email) = lower(${email}) and o.id <> ${id})
    returning id`.execute(tx);
  return rows.length === 1;
}

/** People for the operator to look at: no secret is among it. */
export async function listPeople(db: Db) {
  return db
    .selectFrom('people as p')
    .leftJoin('memberships as m', 'm.person_id', 'p.id')
    .select(['p.id', 'p.email', 'p.name', 'p.is_operator', 'm.user_id', 'm.role'])
    .orderBy('p.id')
    .orderBy('m.user_id')
    .execute();
}
