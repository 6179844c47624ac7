/**
 * A simulated server process: the real store over real connections, which can be made to die between any two of its
 * statements, or right after one whose effect it never hears of. What it held in memory dies with it.
 */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Db } from '../../server/src/store/db.ts';
import type { Schema } from '../../server/src/store/schema.ts';
import type { Line, Lines } from './lines.ts';

/** The process has died; nothing of it runs on. */
export class Crash extends Error {
  override name = 'Crash';
}

/** Counts the steps of a process, and ends it at one of them. */
class Gate {
  #left = Number.POSITIVE_INFINITY;
  #commitsLeft = Number.POSITIVE_INFINITY;
  isDead = false;
  /** Whether it died right after a COMMIT that took effect. */
  diedAfterCommit = false;
  /** Steps taken so far. */
  taken = 0;
  /** Statements so far that may have changed something. */
  changes = 0;
  /** Transactions open right now; a process must have none while it waits for a network. */
  open = 0;

  /** Dies at the n-th step from now. */
  arm(steps: number): void {
    this.#left = steps;
  }

  /** Dies right after the n-th COMMIT from now, of which it never hears. */
  armAtCommit(commits: number): void {
    this.#commitsLeft = commits;
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY;
    this.#commitsLeft = Number.POSITIVE_INFINITY;
  }

  /** After a COMMIT that took effect. */
  committed(): void {
    if (--this.#commitsLeft > 0) return;
    this.isDead = true;
    throw new Crash();
  }

  step(): void {
    if (this.isDead) throw new Crash();
    this.taken++;
    if (--this.#left > 0) return;
    this.isDead = true;
    throw new Crash();
  }
}

/** Rows that are only locked count as changed, too: that costs a look and no more. */
const MAY_CHANGE = /\b(?:insert|update|delete)\b/i;

/** The most connections of a process: enough for two of its statements to meet. */
const CONNECTIONS = 2;

/** A process's pool: it opens connections as they are wanted, and keeps them. */
class Pool implements PostgresPool {
  readonly #lines: Lines;
  readonly #gate: Gate;
  readonly #idle: PostgresPoolClient[] = [];
  readonly #waiting: ((client: PostgresPoolClient) => void)[] = [];
  readonly #taken: Promise<Line>[] = [];

  constructor(lines: Lines, gate: Gate) {
    this.#lines = lines;
    this.#gate = gate;
  }

  async connect(): Promise<PostgresPoolClient> {
    if (this.#gate.isDead) throw new Crash();
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#taken.length === CONNECTIONS) return new Promise(resolve => this.#waiting.push(resolve));
    const taken = this.#lines.take();
    this.#taken.push(taken);
    return this.#client(await taken);
  }

  /** Every connection ends, as they do with the process. */
  async end(): Promise<void> {
    // At once: one of them may wait for what another has locked.
    const lines = await Promise.all(this.#taken.splice(0));
    await Promise.all(lines.map(line => line.hangUp()));
    for (const line of lines) this.#lines.giveBack(line);
  }

  #client(line: Line): PostgresPoolClient {
    const client: PostgresPoolClient = {
      query: ((text: string, values: readonly unknown[]) => this.#run(line, text, values)) as never,
      release: () => {
        const next = this.#waiting.shift();
        if (next) next(client);
        else this.#idle.push(client);
      },
    };
    return client;
  }

  async #run(line: Line, text: string, values: readonly unknown[]): Promise<unknown> {
    const gate = this.#gate;
    gate.step();
    const result = await line.query(text, values);
    if (/^begin/i.test(text)) gate.open++;
    const isCommit = /^commit/i.test(text);
    if (isCommit || /^rollback/i.test(text)) gate.open--;
    if ((result.rowCount ?? 0) > 0 && MAY_CHANGE.test(text)) gate.changes++;
    // Dying here: the statement took effect, and nobody was told.
    try {
      if (isCommit) gate.committed();
      gate.step();
    } catch (error) {
      gate.diedAfterCommit ||= isCommit;
      throw error;
    }
    return result;
  }
}

export class SimulatedNode {
  readonly gate = new Gate();
  readonly db: Db;
  readonly #pool: Pool;

  constructor(lines: Lines) {
    this.#pool = new Pool(lines, this.gate);
    this.db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: this.#pool }) });
  }

  /** Ends without a word to anybody, as kill -9 does. Resolves once the server has rolled back what it left open. */
  async kill(): Promise<void> {
    this.gate.isDead = true;
    await this.#pool.end();
  }
}
