/**
 * The merchant API alone, on the real commands and store: for tests that set its limits, stop it at a moment of their
 * choice, or let one of its parts fail. Each server stands for a process of its own.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { cancelInvoice } from '../../server/src/commands/cancel-invoice.ts';
import { chooseMethod } from '../../server/src/commands/choose-method.ts';
import { confirmManually } from '../../server/src/commands/confirm-manually.ts';
import { type CreateInvoice, createInvoices } from '../../server/src/commands/create-invoice.ts';
import { TailMemory } from '../../server/src/commands/tail-memory.ts';
import { useLink } from '../../server/src/commands/use-link.ts';
import { configSchema } from '../../server/src/config.ts';
import { createAskPrice } from '../../server/src/http/merchant-api/price.ts';
import { buildServer, type HttpDeps } from '../../server/src/http/server.ts';
import { group } from '../../server/src/lib/group.ts';
import { RateBook } from '../../server/src/rates/rate-book.ts';
import { findCredentials } from '../../server/src/store/merchants.ts';
import { type Ground, host, networks, onFreePort, quiet } from '../gateway.ts';

const GROUP = { max: 64, runs: 2, limit: 5000, isolate: () => true };

/** What production allows if nothing is said. */
export const defaultLimits = configSchema.shape.limits.parse(undefined);

export type Api = { port: number; stop(): Promise<void> };

/** Creates as `serve` does; what a test hands in place of a part is up to it. */
export async function openApi(ground: Ground, parts: Partial<HttpDeps> = {}): Promise<Api> {
  const { db, clock, vault } = ground;
  const book = new RateBook({ quorum: 2, sources: new Set() });
  const confirm = { db, clock, vault, networks, lookUp: async () => null, webhookId: () => randomUUID() };
  const create = creating(ground);
  const choose = { ...creatingDeps(ground), coinRate: () => ({ ok: true as const, value: null }) };
  return onFreePort(async port => {
    const app = await buildServer({
      db,
      clock,
      vault,
      logger: quiet,
      trustedProxies: [],
      isDraining: () => false,
      findCredentials: group(
        publicKeys => findCredentials(db, vault, { publicKeys, now: clock.now() }),
        GROUP,
      ),
      createInvoice: group(create, GROUP),
      confirmInvoice: command => confirmManually(confirm, command),
      chooseMethod: command => chooseMethod(choose, command),
      cancelInvoice: command => cancelInvoice(confirm, command),
      useLink: command => useLink(creatingDeps(ground), command),
      networks,
      askPrice: createAskPrice({ book, clock }),
      book,
      baseUrl: () => 'https://pay.example',
      pageId: randomUUID,
      limits: null,
      ...parts,
    });
    await app.listen({ host, port });
    return { port, stop: () => app.close() };
  });
}

/** The command that creates, on this ground. */
export function creating(ground: Ground) {
  const deps = creatingDeps(ground);
  return (commands: readonly CreateInvoice[]) => createInvoices(deps, commands);
}

function creatingDeps(ground: Ground) {
  return { ...ground, networks, memory: new TailMemory(), random: (n: number) => randomInt(n) };
}
