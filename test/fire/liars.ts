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

let liar: LyingProvider | undefined;

/** The providers of a field with a liar. */
export async function withLiar(chain: LiveChain): Promise<Providers> {
  const opened = await LyingProvider.open(chain.rpcUrl);
  liar = opened;
  return { rpc: [{ url: opened.url }, { url: chain.rpcUrl }], close: () => opened.close() };
}

/** Each of them `rounds` times, three at most, in an order of chance, while shops are paid. */
export async function lyingProviders(scene: Scene, seconds = 6): Promise<string[]> {
  const { field, figures, shuffled, rounds } = scene;
  const told = liar;
  if (!told) throw new Error('the field was opened without a liar');
  const standing = await standingStill(field);
  const hanging: Lie = { response: () => true };
  const named = [...failures, ...lies.map(([name, lie]) => [name, lie] as const)];
  const all = [...named, ['stands still', standing] as const, ['does not answer', hanging] as const];
  const found = await battle({ ...scene, prefix: `${scene.prefix}-liar` }, async () => {
    for (const [name, lie] of shuffled(Array.from({ length: Math.min(3, rounds) }, () => all).flat())) {
      const from = Date.now();
      await forgive(field);
      // It is asked again once it has been left alone for half a minute, and everybody has heard that it is forgiven.
      told.tell({});
      for (let waited = 0; told.asked < 2 && waited < 60; waited++) await sleep(1000);
      told.tell(lie);
      await sleep(seconds * 1000);
      figures.count({ 'lies and failures told': 1, 'requests that met one': told.asked });
      if (told.asked === 0) scene.say(`nobody asked the provider that ${name}`);
      told.tell({});
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
