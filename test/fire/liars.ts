/** A provider that lies or fails in every way we know, over real HTTP, beside an honest one: the preferred of the two. */
import { setTimeout as sleep } from 'node:timers/promises';
import { providerName } from '../../server/src/chains/provider-name.ts';
import { rpc } from '../../server/src/dev/rpc.ts';
import { listProviders, restoreProvider } from '../../server/src/store/providers.ts';
import type { LiveChain } from '../e2e/live-chain.ts';
import { failures, lies } from '../lies.ts';
import { type Lie, LyingProvider } from '../lying-provider.ts';
import { until } from '../until.ts';
import { battle } from './battle.ts';
import type { Field, Providers } from './field.ts';
import { withDb } from './merchants.ts';
import { played } from './played.ts';
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

/** Each of them `rounds` times, three at most, in an order of chance, while shops are paid; a lie that nobody met is a complaint. */
export async function lyingProviders(scene: Scene, seconds = 6): Promise<string[]> {
  const { field, figures, shuffled, rounds } = scene;
  if (!pair) throw new Error('the field was opened without a liar');
  const { liar, honest } = pair;
  const standing = await standingStill(field);
  const hanging: Lie = { response: () => true };
  const named = [...failures, ...lies.map(([name, lie]) => [name, lie] as const)];
  const all = [...named, ['stands still', standing] as const, ['does not answer', hanging] as const];
  const wrong: string[] = [];
  const found = await battle({ ...scene, prefix: `${scene.prefix}-liar` }, async () => {
    for (const [name, lie] of shuffled(Array.from({ length: Math.min(3, rounds) }, () => all).flat())) {
      if (scene.isOver()) return;
      const from = Date.now();
      await makeBelieved(field, liar);
      // Whoever works is kept: the honest one has to fail for the other to be asked.
      honest.tell(oops);
      if (name === OTHER_CHAIN) await breakDown(liar);
      liar.tell(lie);
      const isMet = await until(async () => liar.lied > 0, { ...patience, what: name }).catch(() => false);
      if (isMet === false) wrong.push(`nobody met the provider that ${name}`);
      honest.tell({});
      await sleep(seconds * 1000);
      figures.count({ 'lies and failures told': 1, 'answers that were none or untrue': liar.lied });
      liar.tell({});
      field.troubles.push({ from, to: Date.now() });
      const refused = await quarantineOf(field, honest);
      if (refused !== null) wrong.push(`after one that ${name} the honest one was refused: ${refused}`);
    }
  });
  return [...wrong, ...found];
}

const patience = { timeout: 90_000, interval: 50 };
/** Which chain a provider serves is asked of one that is new, or was broken. */
const OTHER_CHAIN = 'serves another chain';
const FAILURES_TO_BREAK = 5;

async function breakDown(liar: LyingProvider): Promise<void> {
  liar.tell(oops);
  await until(async () => liar.lied > FAILURES_TO_BREAK, { ...patience, what: 'a provider that is broken' });
}

/** Takes a provider out of its quarantine, as an operator does. */
const makeBelieved = ({ database, chain }: Field, { url }: LyingProvider) =>
  withDb(database.connection, db =>
    restoreProvider(db, { network: played(chain).network, provider: providerName({ url }) }, Date.now()),
  );

/** Why a provider is in quarantine; null where it is not. */
const quarantineOf = ({ database, chain }: Field, { url }: LyingProvider) =>
  withDb(database.connection, async db => {
    const rows = await listProviders(db, played(chain).network);
    const row = rows.find(({ provider }) => provider === providerName({ url }));
    return row?.state === 'quarantined' ? row.reason : null;
  });

/** Always the block that is the newest now. */
async function standingStill({ chain }: Field): Promise<Lie> {
  const newest = await rpc(chain.rpcUrl, 'eth_getBlockByNumber', 'latest', false);
  return { answer: ({ params }) => (params[0] === 'latest' ? { result: newest } : null) };
}
