/**
 * Letters to be sent. A row says what kind of letter to whom and holds no secret: the token of its link is made when it
 * is sent. The row goes when the letter is sent or given up.
 */
import { type Selectable, sql } from 'kysely';
import type { Language } from '../lib/language.ts';
import type { Db, Tx } from './db.ts';
import type { MailKind, PeopleSchema } from './people-schema.ts';
import { notify } from './wake.ts';

export type MailRow = Selectable<PeopleSchema['mails']>;

export async function insertMail(
  tx: Tx,
  mail: {
    kind: MailKind;
    email: string;
    language: Language;
    invitationId: number | null;
    /** What it tells of, such as the new address. */
    about?: string;
  },
  now: number,
): Promise<void> {
  await tx
    .insertInto('mails')
    .values({
      kind: mail.kind,
      email: mail.email,
      language: mail.language,
      invitation_id: mail.invitationId,
      about: mail.about ?? null,
      created_at: new Date(now),
      attempts: 0,
      due_at: new Date(now),
    })
    .execute();
  await notify(tx, 'send-mail');
}

/** Leases what is due to the caller: nobody else gets it before the lease ends. */
export async function claimMails(
  db: Db,
  { now, lease, leaseMs, limit }: { now: number; lease: string; leaseMs: number; limit: number },
): Promise<MailRow[]> {
  const { rows } = await sql<MailRow>`
    update mails set lease = ${lease}::uuid, leased_until = ${new Date(now + leaseMs)}
     where id in (
       select id from mails
        where due_at <= ${new Date(now)} and (leased_until is null or leased_until <= ${new Date(now)})
        order by due_at limit ${limit} for update skip locked)
    returning *`.execute(db);
  return rows;
}

/** Ends a letter that was sent, has nobody to go to, or is given up. */
export async function deleteMail(db: Db, { id, lease }: Pick<MailRow, 'id' | 'lease'>): Promise<void> {
  await db.deleteFrom('mails').where('id', '=', id).where('lease', '=', lease).execute();
}

/** Tries a letter again at a later time. */
export async function postponeMail(
  db: Db,
  { id, lease, attempts }: Pick<MailRow, 'id' | 'lease' | 'attempts'>,
  dueAt: number,
): Promise<void> {
  await db
    .updateTable('mails')
    .set({ attempts, due_at: new Date(dueAt), lease: null, leased_until: null })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .execute();
}
