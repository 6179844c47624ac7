/**
 * The audit log: who did what, with what was before and after. Rows are numbered without gaps, and each carries a MAC
 * over itself and the hash of the one before, so that a row that was changed, removed or slipped in is noticed by whoever
 * has the master key; `cryptoscan doctor` looks. No secret, no password and no request body goes in.
 */
import { type Selectable, sql } from 'kysely';
import { hasMac, mac, type Vault } from '../lib/vault.ts';
import type { Db, Tx } from './db.ts';
import type { Violation } from './invariants.ts';
import type { PeopleSchema } from './people-schema.ts';

type AuditRow = Selectable<PeopleSchema['audit_log']>;

/** Who acts: a person, from an address; or the operator on the command line; or the program itself. */
export type Acting =
  | { kind: 'person'; personId: number; address: string }
  | { kind: 'command_line' | 'program' };

/** Flat facts; never a secret. */
type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export type AuditEntry = {
  acting: Acting;
  /** The account it is about; null: the person alone, or the installation. */
  userId: number | null;
  /** What was done, as `noun.verb`. */
  action: string;
  /** What it was done to, such as `wallet 7`. */
  target: string;
  before?: Facts;
  after?: Facts;
};

/** Two numbers, so that it meets no lock made from one. */
const LOCK = sql`pg_advisory_xact_lock(1129465172, 2)`;
const GENESIS: Buffer = Buffer.alloc(32);

/**
 * Appends in the transaction of the act itself, so that neither is there without the other. Called last in it: from here
 * to the commit, everybody else who appends waits.
 */
export async function appendAudit(tx: Tx, vault: Vault, entry: AuditEntry, now: number): Promise<void> {
  await sql`select ${LOCK}`.execute(tx);
  const last = await tx
    .selectFrom('audit_log')
    .select(['id', 'hash'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { acting } = entry;
  const row = {
    id: (last?.id ?? 0) + 1,
    at: now,
    actor: acting.kind,
    person_id: acting.kind === 'person' ? acting.personId : null,
    user_id: entry.userId,
    action: entry.action,
    target: entry.target,
    before: entry.before ? canonical(entry.before) : null,
    after: entry.after ? canonical(entry.after) : null,
    address: acting.kind === 'person' ? acting.address : null,
  };
  const hash = mac(vault, partsOf(row, last?.hash ?? GENESIS));
  await tx
    .insertInto('audit_log')
    .values({ ...row, at: new Date(now), hash })
    .execute();
}

export type AuditFilter = {
  /** null: of the whole installation. */
  userId: number | null;
  /** Older than this entry. */
  before: number | null;
  limit: number;
  /** The noun an action begins with, such as `wallet`. */
  noun?: string | null;
  /** The e-mail address of who did it, letter case aside. */
  email?: string | null;
  /** From this time, before that one (ms). */
  from?: number | null;
  until?: number | null;
};

/** Entries, newest first. */
export async function listAudit(
  db: Db,
  { userId, before, limit, noun = null, email = null, from = null, until = null }: AuditFilter,
) {
  return db
    .selectFrom('audit_log as a')
    .leftJoin('people as p', 'p.id', 'a.person_id')
    .select([
      'a.id',
      'a.at',
      'a.actor',
      'p.email',
      'a.user_id',
      'a.action',
      'a.target',
      'a.before',
      'a.after',
    ])
    .select('a.address')
    .$if(userId !== null, query => query.where('a.user_id', '=', userId))
    .$if(before !== null, query => query.where('a.id', '<', before as number))
    .$if(noun !== null, query => query.where(sql`split_part(a.action, '.', 1)`, '=', noun))
    .$if(email !== null, query => query.where(sql`lower(p.email)`, '=', (email ?? '').toLowerCase()))
    .$if(from !== null, query => query.where('a.at', '>=', sql<number>`${new Date(from ?? 0)}`))
    .$if(until !== null, query => query.where('a.at', '<', sql<number>`${new Date(until ?? 0)}`))
    .orderBy('a.id', 'desc')
    .limit(limit)
    .execute();
}

/** Which of these entries are as they were written, each after the one that is before it. */
export async function intactAudit(db: Db, vault: Vault, ids: readonly number[]): Promise<Set<number>> {
  const rows = await db
    .selectFrom('audit_log as a')
    .leftJoin('audit_log as previous', join => join.on('previous.id', '=', sql<number>`a.id - 1`))
    .selectAll('a')
    .select('previous.hash as previous_hash')
    .where('a.id', 'in', ids.length === 0 ? [0] : [...ids])
    .execute();
  const intact = rows.filter(({ previous_hash, ...row }) => {
    const previous = row.id === 1 ? GENESIS : previous_hash;
    return previous !== null && hasMac(vault, partsOf(row, previous), row.hash);
  });
  return new Set(intact.map(({ id }) => id));
}

const BATCH = 1000;
const MOST_TOLD = 100;

/** Entries that are not what was appended, or that follow a gap; at most 100. */
export async function findForgedAudit(db: Db, vault: Vault): Promise<Violation[]> {
  const invariant = 'the audit log is as it was written';
  const forged: Violation[] = [];
  let last: Pick<AuditRow, 'id' | 'hash'> = { id: 0, hash: GENESIS };
  for (;;) {
    const rows = await db
      .selectFrom('audit_log')
      .selectAll()
      .where('id', '>', last.id)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    for (const row of rows) {
      if (row.id !== last.id + 1 || !hasMac(vault, partsOf(row, last.hash), row.hash))
        forged.push({ invariant, detail: `audit entry ${row.id}` });
      if (forged.length === MOST_TOLD) return forged;
      last = row;
    }
    if (rows.length < BATCH) return forged;
  }
}

/** What the MAC is over, in order; null is told apart from an empty text. */
function partsOf(row: Omit<AuditRow, 'hash'>, previous: Buffer): (string | number)[] {
  const { id, at, actor, person_id, user_id, action, target, before, after, address } = row;
  const fields = JSON.stringify([person_id, user_id, before, after, address]);
  return ['audit', previous.toString('hex'), id, at, actor, action, target, fields];
}

/** JSON with its fields in the order of their names, so that equal facts are equal texts. */
function canonical(facts: Facts): string {
  return JSON.stringify(Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))));
}
