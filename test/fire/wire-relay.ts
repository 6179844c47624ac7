/**
 * A relay in front of PostgreSQL that reads what passes: it can stop a conversation before a statement is passed on, or
 * after PostgreSQL has carried it out and before the answer is passed back. That is where processes are killed.
 * PostgreSQL frontend/backend protocol 3.0, chapter "Message Flow".
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { PostgresConnection } from '../../server/src/store/embedded/session.ts';
import { host, onFreePort } from '../gateway.ts';
import { readMessages, type Spoken, textOf } from './wire-messages.ts';

/** A statement that a process sends, and those of the same transaction before it; `commit` ends a transaction. */
export type Statement = { sql: string; before: readonly string[]; isCommit: boolean };

/** `before`: hold the statement back. `after`: let it be carried out, hold the answer back. `null`: let it pass. */
export type Trap = (statement: Statement) => 'before' | 'after' | null;

export class WireRelay {
  readonly #to: () => PostgresConnection;
  readonly #conversations = new Set<Conversation>();
  #server: Server | null = null;
  #port = 0;
  #trap: { judge: Trap; sprung: () => void } | null = null;
  /** Milliseconds that every answer of PostgreSQL is held up. */
  delay = 0;

  /** `to`: where PostgreSQL is at the moment. */
  constructor(to: () => PostgresConnection) {
    this.#to = to;
  }

  /** Valid once it was opened. */
  get url(): string {
    const { user, password, database } = this.#to();
    return `postgres://${user}:${encodeURIComponent(password)}@${host}:${this.#port}/${database}`;
  }

  async open(): Promise<void> {
    const server = createServer(near => this.#converse(near));
    await onFreePort(async port => {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      this.#port = port;
    });
    this.#server = server;
  }

  /** Sets a trap; resolves once a statement sprang it, which stays held until its connection is cut. One at a time. */
  trap(judge: Trap): Promise<void> {
    return new Promise(resolve => {
      this.#trap = { judge, sprung: resolve };
    });
  }

  /** Takes a trap away that nothing sprang. */
  disarm(): void {
    this.#trap = null;
  }

  /** Lets every statement that was held back go on. */
  release(): void {
    for (const conversation of this.#conversations) conversation.release();
  }

  /** From now on nothing that is said in the conversations there are comes through, as where a host vanished; new ones go through. */
  swallow(): void {
    for (const conversation of this.#conversations) conversation.swallow();
  }

  /** Ends every conversation that is held; with `all` every other one, too. */
  cut({ all = false } = {}): void {
    for (const conversation of this.#conversations) if (all || conversation.isHeld) conversation.end();
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server?.close(resolve) ?? resolve(null));
    this.cut({ all: true });
    await closed;
  }

  #converse(near: Socket): void {
    const to = this.#to();
    const far = connect(join(to.host, `.s.PGSQL.${to.port}`));
    const conversation = new Conversation(near, far, {
      judge: statement => this.#judge(statement),
      delay: () => this.delay,
    });
    this.#conversations.add(conversation);
    near.once('close', () => this.#conversations.delete(conversation));
  }

  #judge(statement: Statement): { hold: 'before' | 'after'; sprung: () => void } | null {
    const set = this.#trap;
    const hold = set?.judge(statement) ?? null;
    if (!set || hold === null) return null;
    this.#trap = null;
    return { hold, sprung: set.sprung };
  }
}

type Deps = {
  judge: (statement: Statement) => { hold: 'before' | 'after'; sprung: () => void } | null;
  delay: () => number;
};

const READY_FOR_QUERY = 'Z';

class Conversation {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #deps: Deps;
  #asked: Spoken = { rest: Buffer.alloc(0), isStartUp: true };
  #answered: Spoken = { rest: Buffer.alloc(0), isStartUp: false };
  /** The statements of the transaction under way. */
  #transaction: string[] | null = null;
  #state: 'open' | 'answer held' | 'held' | 'swallowed' = 'open';
  #sprung: () => void = () => undefined;
  /** What is held back from PostgreSQL. */
  #kept: Buffer[] = [];

  constructor(near: Socket, far: Socket, deps: Deps) {
    [this.#near, this.#far, this.#deps] = [near, far, deps];
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.end());
    }
    near.on('data', chunk => this.#ask(chunk));
    far.on('data', chunk => this.#answer(chunk));
  }

  get isHeld(): boolean {
    return this.#state !== 'open';
  }

  /** Lets a statement that was held back go on. */
  release(): void {
    if (this.#state !== 'held' || this.#kept.length === 0) return;
    this.#state = 'open';
    for (const bytes of this.#kept.splice(0)) this.#far.write(bytes);
  }

  swallow(): void {
    this.#state = 'swallowed';
  }

  end(): void {
    this.#near.destroy();
    this.#far.destroy();
  }

  #ask(chunk: Buffer): void {
    if (this.#state === 'swallowed') return;
    for (const { kind, bytes } of readMessages(this.#asked, chunk)) {
      if (this.#state === 'held') {
        this.#kept.push(bytes);
        continue;
      }
      const sql = textOf(kind, bytes);
      const caught = sql === null ? null : this.#deps.judge(this.#note(sql));
      if (caught?.hold === 'before') {
        this.#state = 'held';
        this.#kept.push(bytes);
        caught.sprung();
        continue;
      }
      if (caught) {
        this.#state = 'answer held';
        this.#sprung = caught.sprung;
      }
      this.#far.write(bytes);
    }
  }

  #note(sql: string): Statement {
    const word = sql.trim().toLowerCase();
    const before = [...(this.#transaction ?? [])];
    const isCommit = word === 'commit';
    if (/^begin|^start transaction/.test(word)) this.#transaction = [];
    else if (isCommit || word === 'rollback') this.#transaction = null;
    else this.#transaction?.push(sql);
    return { sql, before, isCommit };
  }

  #answer(chunk: Buffer): void {
    // Whatever the state, messages are counted: a held answer is known to be whole by its last one.
    const kinds = readMessages(this.#answered, chunk).map(({ kind }) => kind);
    if (this.#state === 'open') {
      const wait = this.#deps.delay();
      if (wait === 0) this.#near.write(chunk);
      else setTimeout(() => this.#near.destroyed || this.#near.write(chunk), wait);
    } else if (this.#state === 'answer held' && kinds.includes(READY_FOR_QUERY)) {
      this.#state = 'held';
      this.#sprung();
    }
  }
}
