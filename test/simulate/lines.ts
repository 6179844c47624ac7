/**
 * The connections of one lane, kept from one process to the next: making one costs more than what most processes ask
 * through it, and so does planning anew what was planned before. What PostgreSQL does when it loses a client, `hangUp` does
 * on its behalf: what runs is let end, what is open is rolled back. Nothing else of a session is used by what is simulated.
 */
import type { Socket } from 'node:net';
import pg from 'pg';
import { type Connection, poolConfig } from '../../server/src/store/db.ts';
import { keepHere } from './one-processor.ts';

/** No statement gains by being compiled; nothing here outlives the run. */
const SETTINGS = '-c jit=off -c synchronous_commit=off';

/** Names kept by one connection, at most: statements that carry a list of values have many texts. */
const MOST_NAMES = 400;

const NOTHING = { rows: [], rowCount: 0, command: '' };

export class Line {
  readonly #client: pg.Client;
  readonly #names = new Map<string, string>();
  #running: Promise<unknown> = Promise.resolve();
  #isInTransaction = false;
  /** A BEGIN that was not sent yet. */
  #begin: string | null = null;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(connection: Connection): Promise<Line> {
    const client = new pg.Client({
      ...poolConfig(connection, 1),
      options: SETTINGS,
      pipeline: true,
    } as pg.ClientConfig);
    // Whoever waits for an answer hears of it, too.
    client.on('error', () => undefined);
    await client.connect();
    await keepHere((client as unknown as { processID: number }).processID);
    return new Line(client);
  }

  /**
   * Runs a statement, keeping its plan. A BEGIN goes out with the first statement of its transaction, and not at all without
   * one: until then the server would do nothing for it.
   */
  async query<T extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Pick<pg.QueryResult<T>, 'rows' | 'rowCount' | 'command'>> {
    if (/^(begin|start transaction)/i.test(text)) {
      this.#begin = text;
      return NOTHING;
    }
    const isEnd = /^(commit|rollback)/i.test(text);
    if (isEnd && this.#begin !== null) {
      this.#begin = null;
      return NOTHING;
    }
    if (this.#begin !== null) void this.#send(this.#begin, []);
    this.#isInTransaction = !isEnd && (this.#isInTransaction || this.#begin !== null);
    this.#begin = null;
    const asked = this.#send<T>(text, values);
    this.#running = asked.catch(() => undefined);
    return asked;
  }

  /** Statements of the same moment go out together. */
  #send<T extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<pg.QueryResult<T>> {
    const { stream } = (this.#client as unknown as { connection: { stream: Socket } }).connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
    return this.#client.query<T>({ text, values: [...values], ...this.#name(text) });
  }

  /** As the server does when it finds its client gone. */
  async hangUp(): Promise<void> {
    await this.#running;
    this.#begin = null;
    if (this.#isInTransaction) await this.query('rollback');
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  #name(text: string): { name?: string } {
    let name = this.#names.get(text);
    if (!name && this.#names.size < MOST_NAMES) {
      name = `s${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name ? { name } : {};
  }
}

export class Lines {
  readonly #connection: Connection;
  readonly #free: Line[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async take(): Promise<Line> {
    return this.#free.pop() ?? Line.open(this.#connection);
  }

  giveBack(line: Line): void {
    this.#free.push(line);
  }

  async close(): Promise<void> {
    for (const line of this.#free.splice(0)) await line.close();
  }
}
