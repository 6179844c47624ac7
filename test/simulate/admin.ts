/** The simulator's own eyes on the database: what is committed, read through a connection that no fault touches. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { dump } from '../../server/src/store/backup/dump.ts';
import { restore } from '../../server/src/store/backup/restore.ts';
import { type Connection, openDb, poolConfig } from '../../server/src/store/db.ts';
import { invariants } from '../../server/src/store/invariants.ts';
import { Line } from './lines.ts';
import { vault } from './world.ts';

const everything = invariants
  .map(({ query }, index) => `select ${index} as n, v.detail from (${query}) as v (detail)`)
  .join(' union all ');

/** Every table with the tables it refers to, itself left out. */
const REFERENCES = `select c.relname as name, coalesce(array_agg(distinct r.relname) filter (where r.relname <> c.relname), '{}')::text[] as refers
  from pg_class c left join pg_constraint f on f.conrelid = c.oid and f.contype = 'f' left join pg_class r on r.oid = f.confrelid
 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'kysely%' group by 1 order by 1`;

/** The rows that nobody may change or delete are deleted all the same, between two histories and by nobody else. */
const MAY_CLEAR = `do $$ declare f text; body text; begin
  for f, body in select p.proname, p.prosrc from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname in ('refuse_change', 'refuse_audit_change') loop
    execute format('create or replace function %I() returns trigger language plpgsql as %L', f, regexp_replace(body, 'begin',
      'begin if current_setting(''simulate.clear'', true) = ''on'' then return old; end if; '));
  end loop; end $$`;

/** The longest time to pay, with its grace: what `cryptoscan restore` waits without being told otherwise. */
const WAIT_MINUTES = 92;

/** Histories after which the database is swept of the rows of earlier ones. */
const SWEEP_EVERY = 20;

/** `asked`: in which coin on which network; null while nothing was chosen. */
export type InvoiceState = {
  id: number;
  status: string;
  exception: string | null;
  asked: string | null;
  /** What was fixed when it was made: nothing of it may ever change. */
  fixed: string;
};

export class AdminSession {
  readonly #line: Line;
  readonly #connection: Connection;
  readonly #file: string;
  #cleared = 0;

  private constructor(line: Line, connection: Connection) {
    this.#line = line;
    this.#connection = connection;
    this.#file = join(tmpdir(), `cryptoscan-simulate-${process.pid}-${randomUUID()}.backup`);
  }

  /** Of a database of its own, in which it may delete what else only grows. */
  static async open(connection: Connection): Promise<AdminSession> {
    const session = new AdminSession(await Line.open(connection), connection);
    await session.rows(MAY_CLEAR);
    const tables = await session.rows<{ name: string; refers: string[] }>(REFERENCES);
    const deletes = inOrder(tables).map(name => `delete from ${name};`);
    await session.rows(`create function simulate_clear() returns void language plpgsql as $$ begin
        perform set_config('simulate.clear', 'on', true); ${deletes.join(' ')}
        perform setval(c.oid::regclass, 1, false) from pg_class c
          where c.relkind = 'S' and c.relnamespace = 'public'::regnamespace; end $$`);
    return session;
  }

  async rows<T extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.#line.query<T>(text, values)).rows;
  }

  async violations(): Promise<string[]> {
    const rows = await this.rows<{ n: number; detail: string }>(everything);
    return rows.map(({ n, detail }) => `${detail}: ${invariants[n]?.name}`);
  }

  invoices(): Promise<InvoiceState[]> {
    return this.rows<InvoiceState>(
      `select id, status, exception, network || ' ' || asset as asked, concat_ws(' ', merchant_id, client_reference_id,
         requested_amount, source_currency, source_amount, rate, commission_percent, top_up_user_id, page_id, created_at,
         expire_at) as fixed from invoices order by id`,
    );
  }

  /**
   * Everything of the history before is forgotten. Deleted and not truncated: that would cost every plan of every
   * connection.
   */
  async clear(): Promise<void> {
    await this.rows('select simulate_clear()');
    if (this.#cleared++ % SWEEP_EVERY === 0) await this.rows('vacuum');
  }

  /** As `cryptoscan backup` and `cryptoscan restore` do it; there is one backup at a time. */
  async backUp(now: number): Promise<void> {
    await dump(this.#connection, { vault, file: this.#file, now });
  }

  async restore(now: number): Promise<void> {
    await this.rows('select simulate_clear()');
    const db = openDb(poolConfig(this.#connection, 1), () => undefined);
    try {
      const restored = await restore(
        { db, connection: this.#connection },
        { vault, file: this.#file, now, waitMinutes: WAIT_MINUTES },
      );
      if (!restored.ok) throw new Error(restored.fault);
    } finally {
      await db.destroy();
    }
  }

  async close(): Promise<void> {
    await rm(this.#file, { force: true });
    await this.#line.close();
  }
}

/** Tables in an order in which each comes before those it refers to. */
function inOrder(tables: readonly { name: string; refers: readonly string[] }[]): string[] {
  const ordered: string[] = [];
  const left = new Map(tables.map(({ name, refers }) => [name, refers]));
  while (left.size > 0) {
    const wanted = new Set([...left.values()].flat());
    const next = [...left.keys()].filter(name => !wanted.has(name));
    if (next.length === 0) throw new Error(`tables refer to one another: ${[...left.keys()]}`);
    for (const name of next) left.delete(name);
    ordered.push(...next);
  }
  return ordered;
}
