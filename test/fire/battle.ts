/** A stretch of a run: traffic of its own while things die, then quiet, then the checker's judgement. */
import type { Chance } from '../seeded.ts';
import { until } from '../until.ts';
import { sentTwice } from './check-webhooks.ts';
import type { Field } from './field.ts';
import type { Figures } from './figures.ts';
import { untilInOrder } from './gather.ts';
import { Traffic } from './traffic.ts';

export type BattleOptions = {
  field: Field;
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

/** Until both gateways say that they are ready. */
export async function calm(field: Field): Promise<void> {
  const isReady = async () => (await Promise.all(field.gateways.map(one => one.isReady()))).every(Boolean);
  await until(isReady, { timeout: 120_000, interval: 20, what: 'both gateways ready' });
}
