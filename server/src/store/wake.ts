/**
 * Stages wake one another through NOTIFY, once per batch. It is a hint and nothing depends on it: a stage that hears
 * nothing finds its rows at its next round.
 */
import { sql } from 'kysely';
import pg from 'pg';
import type { Clock } from '../lib/clock.ts';
import type { Tx } from './db.ts';

const CHANNEL = 'cryptoscan';
/** How often a connection that nobody asks anything says that its process is at work, in ms. */
const BEAT = 10_000;
/** A process that has said nothing for this long stands still: stopped, or its machine is. */
const STANDING_STILL = 60_000;

/** Heard by every process after the transaction commits. */
export async function notify(tx: Tx, stage: string): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${stage})`.execute(tx);
}

/** One connection per process that hears the wakes and holds the process's session locks. */
export class WakeListener {
  readonly #config: pg.PoolConfig;
  readonly #onWake: (stage: string) => void;
  readonly #clock: Clock;
  readonly #locks = new Set<string>();
  #client: pg.Client | null = null;
  #connecting: Promise<void> | null = null;
  /** The question under way: a connection takes one at a time. */
  #asking: Promise<unknown> = Promise.resolve();
  #lastBeat = 0;
  #closed = false;

  constructor(config: pg.PoolConfig, onWake: (stage: string) => void, clock: Clock) {
    this.#config = config;
    this.#onWake = onWake;
    this.#clock = clock;
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
      await this.#config.onConnect?.(client);
      await client.query(`listen ${CHANNEL}`);
      if (this.#closed) throw new Error('the listener was closed');
      this.#client = client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  /** Connects, and lets the others see now and then that this process is at work. */
  async beat(): Promise<void> {
    await this.connect();
    const now = this.#clock.now();
    if (now - this.#lastBeat < BEAT) return;
    await this.#ask('select 1');
    this.#lastBeat = now;
  }

  /**
   * Takes a lock that lasts as long as this connection; true as well while the process that has it stands still, which keeps
   * its connection and so the lock. It only spares work (two watchers of one network would read everything twice); what
   * keeps the tables right are their own constraints.
   */
  async tryLock(name: string): Promise<boolean> {
    await this.connect();
    if (this.#locks.has(name)) return true;
    const [taken] = await this.#ask<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [name],
    );
    if (taken?.held !== true) return this.#holderStandsStill(name);
    this.#locks.add(name);
    return true;
  }

  async #holderStandsStill(name: string): Promise<boolean> {
    const [holder] = await this.#ask<{ heard: number | null }>(
      `select max(a.state_change) as heard from pg_locks l join pg_stat_activity a on a.pid = l.pid and a.datid = l.database
        where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and a.datname = current_database()
          and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended($1, 0)`,
      [name],
    );
    return typeof holder?.heard === 'number' && this.#clock.now() - holder.heard > STANDING_STILL;
  }

  async #ask<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const asked = this.#asking.then(() => this.#client?.query<Row>(sql, values));
    this.#asking = asked.catch(() => undefined);
    return (await asked)?.rows ?? [];
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
