/** Servers that start and end together. */
import type { FastifyInstance } from 'fastify';
import { letGoOf } from './let-go.ts';

type Listening = { app: FastifyInstance; at: { host: string; port: number } };

/**
 * Answers what closes them, in their order; each finishes the requests that are under way, for `finish` ms at most. Throws, with
 * all of them closed, where one cannot listen.
 */
export async function listenTogether(
  servers: readonly Listening[],
  { finish }: { finish: number },
): Promise<() => Promise<void>> {
  const ends = servers.map(({ app }) => letGoOf(app, finish));
  const close = async () => {
    for (const end of ends) await end();
  };
  try {
    for (const { app, at } of servers) await app.listen(at);
  } catch (error) {
    await close();
    throw error;
  }
  return close;
}

/** Where a server listens; null before and after. */
export function portOf({ server }: FastifyInstance): number | null {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : null;
}
