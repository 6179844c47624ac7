/** One short connection of the supervisor's own to the server it looks after. */
import { Client } from 'pg';

/** What `pg` needs to connect; `host` is the folder of the server's socket, `port` only part of the socket's name. */
export type PostgresConnection = {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
};

/** Opens, works, closes; rejects with pg's error when it cannot connect within 5 s or a query takes over 60 s. */
export async function withSession<T>(
  connection: PostgresConnection,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
  // A connection that breaks between two queries says so here as well as in the next query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
