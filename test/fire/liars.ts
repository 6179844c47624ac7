/** A provider that lies or fails in every way we know, over real HTTP, beside an honest one: the preferred of the two. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { rpc } from '../../server/src/dev/rpc.ts';
import type { LiveChain } from '../e2e/live-chain.ts';
import { failures, lies } from '../lies.ts';
import { type Lie, LyingProvider } from '../lying-provider.ts';
import { battle } from './battle.ts';
import type { Field, Providers } from './field.ts';
import { withDb } from './merchants.ts';
import type { Scene } from './scene.ts';

let pair: { liar: LyingProvider; honest: LyingProvider } | undefined;
const oops: Lie = {
  response: response => {
    response.statusCode = 500;
    response.end();
    return true;
  },
};

/** The providers of a field with a liar. */
export async function withLiar(chain: LiveChain): Promise<Providers> {
  const [liar, honest] = [await LyingProvider.open(chain.rpcUrl), await LyingProvider.open(chain.rpcUrl)];
  pair = { liar, honest };
  return {
    rpc: [{ url: liar.url }, { url: honest.url }],
    close: async () => {
      await liar.close();
      await honest.close();
    },
  };
}

/** Each of them `rounds` times, three at most, in an order of chance, while shops are paid. */
export async function lyingProviders(scene: Scene, seconds = 6): Promise<string[]> {
  const { field, figures, shuffled, rounds } = scene;
  if (!pair) throw new Error('the field was opened without a liar');
  const { liar, honest } = pair;
  const standing = await standingStill(field);
  const hanging: Lie = { response: () => true };
  const named = [...failures, ...lies.map(([name, lie]) => [name, lie] as const)];
  const all = [...named, ['stands still', standing] as const, ['does not answer', hanging] as const];
  const found = await battle({ ...scene, prefix: `${scene.prefix}-liar` }, async () => {
    for (const [name, lie] of shuffled(Array.from({ length: Math.min(3, rounds) }, () => all).flat())) {
      const from = Date.now();
      await forgive(field);
      // Whoever works is kept: the honest one has to fail for the other to be asked.
      liar.tell({});
      honest.tell(oops);
      for (let waited = 0; liar.asked < 3 && waited < 120; waited++) await sleep(500);
      honest.tell({});
      liar.tell(lie);
      await sleep(seconds * 1000);
      figures.count({ 'lies and failures told': 1, 'requests that met one': liar.asked });
      if (liar.asked === 0) scene.say(`nobody asked the provider that ${name}`);
      liar.tell({});
      field.troubles.push({ from, to: Date.now() });
    }
  });
  return found;
}

/** Takes every provider out of its quarantine. */
const forgive = ({ database }: Field) =>
  withDb(database.connection, db =>
    sql`update providers set state = 'ok', reason = null, until = null, strikes = 0`.execute(db),
  );

/** Always the block that is the newest now. */
async function standingStill({ chain }: Field): Promise<Lie> {
  const newest = await rpc(chain.rpcUrl, 'eth_getBlockByNumber', 'latest', false);
  return { answer: ({ params }) => (params[0] === 'latest' ? { result: newest } : null) };
}
