/** Servers that start and end together. */
import type { FastifyInstance } from 'fastify';

type Listening = { app: FastifyInstance; at: { host: string; port: number } };

/** Answers what closes them, in their order. Throws, with all of them closed, where one cannot listen. */
export async function listenTogether(servers: readonly Listening[]): Promise<() => Promise<void>> {
  const close = async () => {
    for (const { app } of servers) await app.close();
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
