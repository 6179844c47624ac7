/** What the operator of an installation looks at: its accounts, and what waits to be done in it. */
import { sql } from 'kysely';
import type { Db } from './db.ts';

export type AccountLine = {
  id: number;
  email: string;
  status: 'Active' | 'Blocked';
  /** null: the operator's default. */
  commission_percent: string | null;
  /** In US dollars, 8 decimals; null for one who never had any. */
  balance: string | null;
  merchants: number;
  members: number;
};

/** Accounts with a number above `after`, the oldest first; `text`: a part of the e-mail address. */
export async function listAccounts(
  db: Db,
  { after, text, limit }: { after: number; text: string; limit: number },
): Promise<AccountLine[]> {
  const { rows } = await sql<AccountLine>`
    select u.id, u.email, u.status, u.commission_percent, a.balance,
           (select count(*)::int from merchants m where m.user_id = u.id) as merchants,
           (select count(*)::int from memberships s where s.user_id = u.id) as members
      from users u left join accounts a on a.user_id = u.id
     where u.id > ${after} and (${text} = '' or strpos(lower(u.email), lower(${text})) > 0)
     order by u.id limit ${limit}`.execute(db);
  return rows;
}

/** What waits, each counted to this many at the most: how much more it is says nothing new. */
export const MOST_COUNTED = 10_000;

type Queue = { waiting: number; oldest: number | null };
export type Queues = {
  /** Webhooks that are to be sent, now or at their next try. */
  webhooks: Queue;
  /** Seen on a chain and not yet judged. */
  transfers: Queue;
  /** Recognised, and not yet final. */
  payments: Queue;
  mails: Queue;
};

/** Times in ms. */
export async function queues(db: Db): Promise<Queues> {
  const [webhooks, transfers, payments, mails] = await Promise.all([
    count(
      db,
      sql`select o.created_at as at from deliveries d join outbox o on o.id = d.outbox_id where d.state = 'open'`,
    ),
    count(db, sql`select detected_at as at from transfers where state = 'pending' and height is not null`),
    count(db, sql`select created_at as at from payments where state = 'pending'`),
    count(db, sql`select created_at as at from mails`),
  ]);
  return { webhooks, transfers, payments, mails };
}

async function count(db: Db, of: ReturnType<typeof sql>): Promise<Queue> {
  const { rows } = await sql<{ waiting: number; oldest: number | null }>`
    select count(*)::int as waiting, min(at) as oldest from (${of} limit ${MOST_COUNTED}) as waits`.execute(
    db,
  );
  return rows[0] ?? { waiting: 0, oldest: null };
}

/** How large the database is, in bytes, and which PostgreSQL it is. */
export async function databaseFacts(db: Db): Promise<{ version: string; bytes: number }> {
  const { rows } = await sql<{ version: string; bytes: number }>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`.execute(
    db,
  );
  return rows[0] ?? { version: '', bytes: 0 };
}
