/** The simulator's own eyes on the database: what is committed, read through a connection that no fault touches. */
import pg from 'pg';
import { type Connection, poolConfig } from '../../server/src/store/db.ts';
import { invariants } from '../../server/src/store/invariants.ts';

const everything = invariants
  .map(({ query }, index) => `select ${index} as n, v.detail from (${query}) as v (detail)`)
  .join(' union all ');

/** `asked`: in which coin on which network; null while nothing was chosen. */
export type InvoiceState = { id: number; status: string; exception: string | null; asked: string | null };

export class AdminSession {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(connection: Connection): Promise<AdminSession> {
    const client = new pg.Client(poolConfig(connection, 1));
    await client.connect();
    return new AdminSession(client);
  }

  /** Rows of a statement; a name keeps its plan for the session. */
  async rows<T extends pg.QueryResultRow>(text: string, values: unknown[] = [], name?: string): Promise<T[]> {
    const { rows } = await this.#client.query<T>({ text, values, ...(name && { name }) });
    return rows;
  }

  async violations(): Promise<string[]> {
    const rows = await this.rows<{ n: number; detail: string }>(everything, [], 'invariants');
    return rows.map(({ n, detail }) => `${detail}: ${invariants[n]?.name}`);
  }

  invoices(): Promise<InvoiceState[]> {
    return this.rows<InvoiceState>(
      `select id, status, exception, network || ' ' || asset as asked from invoices order by id`,
      [],
      'invoices',
    );
  }

  /** Everything of the history before is forgotten. */
  async clear(): Promise<void> {
    await this.rows(
      `truncate installation, users, merchants, merchant_keys, wallets, watch_sets, cursors, blocks, invoices,
         replaced_methods, reservations, transfers, payments, outbox, deliveries, attempts, idempotency_keys, nonces, rate_readings, currencies
         restart identity cascade`,
    );
  }

  /** Waits until the server has noticed that a killed process is gone, and has rolled back what it left open. */
  async gone(name: string): Promise<void> {
    for (;;) {
      const [row] = await this.rows<{ n: number }>(
        'select count(*)::int as n from pg_stat_activity where application_name = $1 and datname = current_database()',
        [name],
        'gone',
      );
      if (row?.n === 0) return;
      // Asking without a pause would take the processor from the very processes that are to end.
      await new Promise(resolve => setTimeout(resolve, 1));
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
