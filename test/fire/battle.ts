/** A stretch of a run: traffic of its own while things die, then quiet, then the checker's judgement. */

import type { LiveChain } from '../e2e/live-chain.ts';
import type { Sink } from '../e2e/sink.ts';
import type { Chance } from '../seeded.ts';
import { until } from '../until.ts';
import { sentTwice } from './check-webhooks.ts';
import type { Trouble } from './evidence.ts';
import type { Figures } from './figures.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { untilInOrder } from './gather.ts';
import type { Merchant } from './merchants.ts';
import type { Scene } from './scene.ts';
import { Traffic } from './traffic.ts';

/** Where it is fought: the gateways on one database, and what is around them. */
export type Battlefield = {
  chain: LiveChain;
  sink: Sink;
  gateways: readonly [GatewayProcess, ...GatewayProcess[]];
  troubles: readonly Trouble[];
  /** The one that takes the orders. */
  shop: Merchant;
};

export type BattleOptions = {
  field: Battlefield;
  chance: Chance;
  figures: Figures;
  /** Of all references in it. */
  prefix: string;
  shops?: number;
  /** Of each shop between two orders, in ms at most. */
  pause?: number;
};

/** Runs `fight` under traffic; answers the checker's complaints once all is quiet. */
export async function battle(
  { field, chance, figures, prefix, shops = 3, pause = 1500 }: BattleOptions,
  fight: (traffic: Traffic) => Promise<void>,
): Promise<string[]> {
  const baseUrls = () => field.gateways.map(({ baseUrl }) => baseUrl);
  const { chain, shop: keys } = field;
  const traffic = new Traffic({ ...{ chain, keys, baseUrls, chance, prefix, shops, pause } });
  traffic.start();
  let failure: unknown = null;
  await fight(traffic).catch(error => {
    failure = error;
  });
  await traffic.stop();
  if (failure !== null) throw failure;
  await calm(field);
  const { evidence, complaints } = await untilInOrder(field, { orders: traffic.orders, prefix });
  figures.count({
    orders: traffic.orders.length,
    acknowledged: traffic.acknowledged,
    repeated: traffic.orders.filter(({ answers }) => answers.length > 1).length,
    'tries refused or cut off': [...traffic.refusals.values()].reduce((sum, times) => sum + times, 0),
    'invoices paid': evidence.invoices.filter(({ status }) => status === 'completed').length,
    'invoices expired': evidence.invoices.filter(({ status }) => status === 'expired').length,
    'webhook events': new Set(evidence.told.map(({ webhookId }) => webhookId)).size,
    'webhook requests': evidence.told.length,
    'sent twice': sentTwice(evidence.told),
    'ended by themselves': field.gateways.reduce((sum, gateway) => sum + gateway.endedItself, 0),
  });
  for (const gateway of field.gateways) gateway.endedItself = 0;
  return complaints;
}

/** Until all gateways say that they are ready. */
export async function calm(field: Battlefield): Promise<void> {
  const isReady = async () => (await Promise.all(field.gateways.map(one => one.isReady()))).every(Boolean);
  await until(isReady, { timeout: 120_000, interval: 20, what: 'all gateways ready' });
}

const BATCH = 40;

/** Rounds in stretches of so many, each with traffic of its own and judged before the next. */
export async function inBatches<T>(
  scene: BattleOptions & Pick<Scene, 'isOver' | 'say'>,
  all: readonly T[],
  name: string,
  round: (traffic: Traffic, one: T) => Promise<void>,
): Promise<string[]> {
  const complaints: string[] = [];
  for (let from = 0; from < all.length && !scene.isOver(); from += BATCH) {
    const prefix = `${scene.prefix}-${name}-${from}`;
    const batch = all.slice(from, from + BATCH);
    const found = await battle({ ...scene, prefix }, async traffic => {
      for (const [n, one] of batch.entries()) {
        if (scene.isOver()) return;
        scene.figures.count({ rounds: 1 });
        await round(traffic, one);
        if (n % 10 === 9) scene.say(`${name}: ${from + n + 1} of ${all.length} rounds`);
      }
    });
    scene.say(`${name}: judged, ${found.length} complaints`);
    complaints.push(...found);
  }
  return complaints;
}
