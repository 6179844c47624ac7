/**
 * A simulated server process: the real store over a real connection, which can be made to die between any two of its
 * statements, or right after one whose effect it never hears of. What it held in memory dies with it.
 */
import pg from 'pg';
import { type Connection, type Db, openDb, poolConfig } from '../../server/src/store/db.ts';

/** The process has died; nothing of it runs on. */
export class Crash extends Error {
  override name = 'Crash';
}

/** Counts the steps of a process, and ends it at one of them. */
class Gate {
  #left = Number.POSITIVE_INFINITY;
  isDead = false;
  /** Steps taken so far. */
  taken = 0;
  /** Transactions open right now; a process must have none while it waits for a network. */
  open = 0;

  /** Dies at the n-th step from now. */
  arm(steps: number): void {
    this.#left = steps;
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  step(): void {
    if (this.isDead) throw new Crash();
    this.taken++;
    if (--this.#left > 0) return;
    this.isDead = true;
    throw new Crash();
  }
}

type GatedConfig = pg.ClientConfig & { gate: Gate; onMade: (client: pg.Client) => void };

class GatedClient extends pg.Client {
  readonly #gate: Gate;

  constructor(config: GatedConfig) {
    super(config);
    this.#gate = config.gate;
    config.onMade(this);
  }

  // What a dead process still wants to do must not open new connections.
  override connect(...args: unknown[]): never {
    const [callback] = args;
    if (!this.#gate.isDead)
      return (super.connect as (...all: unknown[]) => unknown).apply(this, args) as never;
    if (typeof callback === 'function') return callback(new Crash()) as never;
    return Promise.reject(new Crash()) as never;
  }

  // The driver's overloads are many; only the one Kysely uses passes here.
  override query(...args: unknown[]): never {
    return this.#run(args) as never;
  }

  async #run(args: unknown[]): Promise<unknown> {
    this.#gate.step();
    const text = String(args[0]);
    const result = await (super.query as (...all: unknown[]) => Promise<unknown>).apply(this, args);
    if (/^begin/i.test(text)) this.#gate.open++;
    if (/^(commit|rollback)/i.test(text)) this.#gate.open--;
    // Dying here: the statement took effect, and nobody was told.
    this.#gate.step();
    return result;
  }
}

export class SimulatedNode {
  readonly gate = new Gate();
  readonly db: Db;
  readonly #clients: pg.Client[] = [];

  constructor(connection: Connection, name: string) {
    this.db = openDb(
      {
        ...poolConfig(connection, 2),
        application_name: name,
        Client: GatedClient,
        gate: this.gate,
        onMade: (client: pg.Client) => this.#clients.push(client),
      } as unknown as pg.PoolConfig,
      () => undefined,
    );
  }

  /** Ends without a word to anybody, as kill -9 does: sockets close, transactions are left to the server. */
  kill(): void {
    this.gate.isDead = true;
    for (const client of this.#clients) {
      client.on('error', () => undefined);
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    }
  }
}
