/**
 * Stages wake one another through NOTIFY, once per batch. It is a hint and nothing depends on it: a stage that hears
 * nothing finds its rows at its next round.
 */
import { sql } from 'kysely';
import pg from 'pg';
import type { Tx } from './db.ts';

const CHANNEL = 'cryptoscan';

/** Heard by every process after the transaction commits. */
export async function notify(tx: Tx, stage: string): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${stage})`.execute(tx);
}

/** One connection per process that hears the wakes and holds the process's session locks. */
export class WakeListener {
  readonly #config: pg.PoolConfig;
  readonly #onWake: (stage: string) => void;
  readonly #locks = new Set<string>();
  #client: pg.Client | null = null;
  #connecting: Promise<void> | null = null;
  /** The question under way: a connection takes one at a time. */
  #asking: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(config: pg.PoolConfig, onWake: (stage: string) => void) {
    this.#config = config;
    this.#onWake = onWake;
  }

  /** Connects unless connected. Called again after a lost connection: whatever was missed is found by the rounds. */
  connect(): Promise<void> {
    if (this.#client) return Promise.resolve();
    // Several stages ask at once; they share one connection, and so one set of locks.
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #open(): Promise<void> {
    const client = new pg.Client(this.#config);
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    client.on('notification', ({ payload }) => this.#onWake(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      if (this.#closed) throw new Error('the listener was closed');
      this.#client = client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Takes a lock that lasts as long as this connection. It only spares work (two watchers of one network would read
   * everything twice); what keeps the tables right are their own constraints.
   */
  async tryLock(name: string): Promise<boolean> {
    await this.connect();
    if (this.#locks.has(name)) return true;
    const asked = this.#asking.then(() =>
      this.#client?.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as held', [name]),
    );
    this.#asking = asked.catch(() => undefined);
    if ((await asked)?.rows[0]?.held !== true) return false;
    this.#locks.add(name);
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting?.catch(() => undefined);
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#locks.clear();
  }
}
