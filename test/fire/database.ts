/** The PostgreSQL under fire: durable, supervised as the program's own is, and killed from outside. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../server/src/store/embedded/embedded-postgres.ts';
import { layoutOf } from '../../server/src/store/embedded/layout.ts';
import { type PostgresConnection, withSession } from '../../server/src/store/embedded/session.ts';
import { until } from '../until.ts';

const MAJOR = 18;

/** The process number of the PostgreSQL that keeps its cluster in a folder. Rejects where none has written it. */
export async function postmasterOf(dir: string): Promise<number> {
  const text = await readFile(join(layoutOf(dir, MAJOR).data, 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

export class Database {
  readonly #dir: string;
  #server: EmbeddedPostgres;
  #crashes = 0;
  /** From kill to taking queries again, in ms. */
  readonly restarts: number[] = [];

  private constructor(dir: string, server: EmbeddedPostgres) {
    [this.#dir, this.#server] = [dir, server];
  }

  static async open(dir: string): Promise<Database> {
    return new Database(dir, await start(dir));
  }

  get connection(): PostgresConnection {
    return this.#server.connection;
  }

  /** The role that may do everything. */
  async asSuperuser<T>(work: Parameters<typeof withSession<T>>[1]): Promise<T> {
    const { superuserPassword } = JSON.parse(await readFile(layoutOf(this.#dir, MAJOR).record, 'utf8'));
    const { host, port } = this.connection;
    const connection = { host, port, user: 'postgres', password: superuserPassword };
    const own = { ...connection, database: this.connection.database };
    // A busy machine may take longer for a connection than a session waits for one.
    const isOpen = () => withSession(own, async () => true).catch(() => false);
    await until(isOpen, { ...patience, what: 'a session of the superuser' });
    return withSession(own, work);
  }

  postmaster(): Promise<number> {
    return postmasterOf(this.#dir);
  }

  /**
   * kill -9 of the postmaster; resolves once it takes queries again. Its supervisor starts it anew; every other time another
   * supervisor does, as after the death of the whole program: one that sees its server die again and again waits ever longer
   * between two starts, and gives up in the end, as it should.
   */
  async crash(): Promise<void> {
    const begun = performance.now();
    const killed = await this.postmaster();
    process.kill(killed, 'SIGKILL');
    this.#crashes++;
    if (this.#crashes % 2 === 0) {
      await this.#server.stop();
      this.#server = await start(this.#dir);
    }
    await until(async () => (await this.postmaster().catch(() => killed)) !== killed, {
      ...patience,
      what: 'a new postmaster',
    });
    await until(() => this.answers(), { ...patience, what: 'a PostgreSQL that takes queries' });
    this.restarts.push(performance.now() - begun);
  }

  answers(): Promise<boolean> {
    return withSession(this.connection, client => client.query('select 1')).then(
      () => true,
      () => false,
    );
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

async function start(dir: string): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ dir, log: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  return started.value;
}

const patience = { timeout: 60_000, interval: 10 };
