/**
 * One PostgreSQL, one driver, one place where its values become ours: bigint ids as safe numbers, times as
 * milliseconds, numeric as its exact text.
 */
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

export type Db = Kysely<Schema>;
export type Tx = Transaction<Schema>;

/** Where the database is: a URL, or the pieces of a connection to the embedded one. */
export type Connection =
  | { url: string }
  | { host: string; port: number; user: string; password: string; database: string };

const INT8 = 20;
const TIMESTAMPTZ = 1184;

const parsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8) return safeInteger;
    if (oid === TIMESTAMPTZ) return milliseconds;
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error('a bigint of the database is outside the safe integers');
  return value;
}

/** A server may be set to write times in another style, in which the day and the month could be taken for each other. */
function milliseconds(text: string): number {
  const time = /^\d{4}-\d\d-\d\d /.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new Error(`a time of the database cannot be read: ${text}; DateStyle must be ISO`);
  return time;
}

/**
 * A process that stands still in the middle of a transaction (stopped, or its machine is) keeps its locks from the others
 * for as long as its connection lives; after this time PostgreSQL ends that. No transaction waits for anything but PostgreSQL.
 */
const STANDING_STILL = '60s';

/** How long a query waits for a connection by default, in ms: for one that is free, or for a new one. */
const PATIENCE = 5000;

/** How the pool connects. Idle clients that lose their server are dropped; the next query opens another. */
export function poolConfig(connection: Connection, max: number, patience = PATIENCE): pg.PoolConfig {
  const where = 'url' in connection ? { connectionString: connection.url } : connection;
  return {
    ...where,
    max,
    types: parsers as pg.CustomTypesConfig,
    connectionTimeoutMillis: patience,
    keepAlive: true,
    // A statement and no parameter of the connection: those are refused by some poolers.
    onConnect: async client => {
      await client.query(`set idle_in_transaction_session_timeout = '${STANDING_STILL}'`);
    },
  };
}

/** Opens a pool. `onIdleError` hears of idle connections that broke; it is not a fault, the next query opens another. */
export function openDb(config: pg.PoolConfig, onIdleError: (error: Error) => void): Db {
  const pool = new pg.Pool(config);
  pool.on('error', onIdleError);
  // The pool listens to idle clients only. One that is lent out tells of a broken connection in its next query, too;
  // but an error that nobody hears ends the process.
  pool.on('connect', client => client.on('error', () => undefined));
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const TRIES = 5;

/**
 * Runs `work` in one transaction, again when PostgreSQL asks for that (serialization failure, deadlock). `work` must do
 * nothing but read and write through `tx`.
 */
export async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === TRIES || !isRetryable(error)) throw error;
    }
  }
}

function isRetryable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK;
}

const UNIQUE_VIOLATION = '23505';

/** Whether an error is the violation of this unique index. */
export function isDuplicate(error: unknown, index: string): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === UNIQUE_VIOLATION && constraint === index;
}

/** Whether an error means that the database cannot be reached or is going down, rather than that a statement is wrong. */
export function isUnavailable(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string')
    return /^(08|53|57P0)/.test(code) || /^E(CONN|PIPE|NOENT|NOTFOUND|HOST|NET|TIMEDOUT|AI_AGAIN)/.test(code);
  return (
    typeof message === 'string' &&
    /timeout exceeded when trying to connect|Connection terminated|not queryable/.test(message)
  );
}

const DISK_FULL = '53100';

/** The alarm that an error is: no waiting makes room where PostgreSQL could not write, though what is there can be read. */
export function alarmOf(error: unknown): 'disk_full' | null {
  return (error as { code?: unknown } | null)?.code === DISK_FULL ? 'disk_full' : null;
}
