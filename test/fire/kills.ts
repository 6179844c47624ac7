/** kill -9: at random moments and at every named point, of the program, of PostgreSQL and of the connection between them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { inBatches } from './battle.ts';
import type { Field } from './field.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { withDb } from './merchants.ts';
import { type Point, points } from './points.ts';
import type { Scene } from './scene.ts';
import type { Traffic } from './traffic.ts';

export type Victim = 'app' | 'database' | 'connection';

/**
 * In each round one program is killed at a random moment, or both in every other round, some once more while they start;
 * and PostgreSQL twice: in even rounds first while the program is away, else under programs that are at work.
 */
export async function randomKills(scene: Scene): Promise<string[]> {
  const { rounds } = scene;
  const all = Array.from({ length: rounds }, (_, n) => n);
  return inBatches(scene, all, 'random', async (_, n) => {
    const { chance, field } = scene;
    const killDatabase = async () => {
      await sleep(chance.below(1500));
      await strike(scene, 'database', field.gateways[0]);
    };
    const victims = n % 2 === 1 ? field.gateways : [chance.pick(field.gateways)];
    const dying = victims.map(async gateway => {
      await sleep(chance.below(1500));
      await strike(scene, 'app', gateway, chance.happens(0.35) ? { again: chance.below(1500) } : {});
    });
    await Promise.all(n % 2 === 0 ? [killDatabase(), ...dying] : dying);
    for (let times = n % 2 === 0 ? 1 : 0; times < 2; times++) await killDatabase();
  });
}

/** Every named point `times` times for each victim. */
export async function namedKills(scene: Scene, times: number): Promise<string[]> {
  const victims: Victim[] = ['app', 'database', 'connection'];
  const strikes = points.flatMap(point => victims.map(victim => ({ point, victim })));
  const sensible = strikes.filter(({ point, victim }) => !('told' in point) || victim !== 'connection');
  const all = Array.from({ length: times }, () => sensible).flat();
  return inBatches(scene, scene.shuffled(all), 'named', (traffic, { point, victim }) =>
    strikeAt(scene, traffic, { point, victim }),
  );
}

/**
 * Chosen ones, for a run that must be short: what the dead had claimed is given up at once and not after a minute.
 */
export async function someKills(
  scene: Scene,
  chosen: readonly { point: RegExp; victim: Victim }[],
): Promise<string[]> {
  const strikes = chosen.map(({ point: name, victim }): Strike => {
    const point = points.find(one => name.test(one.name));
    if (!point) throw new Error(`no point is named ${name}`);
    return { point, victim };
  });
  return inBatches(scene, strikes, 'some', async (traffic, what) => {
    await strikeAt(scene, traffic, what);
    await endOldLeases(scene.field);
  });
}

/** Claims of before the last trouble began are those of the dead. */
async function endOldLeases({ database, troubles }: Field): Promise<void> {
  const LEASE = 60_000;
  const before = new Date((troubles.at(-1)?.from ?? 0) + LEASE);
  await withDb(database.connection, db =>
    sql`update deliveries set leased_until = leased_until - interval '1 minute'
         where lease is not null and leased_until < ${before}`.execute(db),
  );
}

type Strike = { point: Point; victim: Victim };

/** Waits until the point is come to, by whichever process, and strikes there. */
async function strikeAt(scene: Scene, traffic: Traffic, { point, victim }: Strike): Promise<void> {
  const { field, figures } = scene;
  if (/^expire/.test(point.name)) await orderOverdue(field, traffic);
  const hit = await reach(field, point);
  figures.count({ [`  at "${point.name}"`]: 1 });
  await strike(scene, victim, hit);
}

/** Resolves with the process that came to the point, which is held there. */
async function reach(field: Field, point: Point): Promise<GatewayProcess> {
  const { gateways } = field;
  if ('told' in point) {
    await field.shopHears(point.told);
    // Which of the two has sent it cannot be seen: the first is as good as the second.
    return gateways[0];
  }
  const reached = gateways.map(async gateway => {
    await gateway.relay.trap(point.trap);
    return gateway;
  });
  const late = new Promise<null>(resolve => setTimeout(resolve, 90_000, null).unref());
  const hit = await Promise.race([...reached, late]);
  if (!hit) throw new Error(`nothing came to the point "${point.name}"`);
  for (const gateway of gateways) if (gateway !== hit) gateway.relay.disarm();
  return hit;
}

async function strike(
  scene: Scene,
  victim: Victim,
  gateway: GatewayProcess,
  more: { again?: number } = {},
): Promise<void> {
  const { field, figures } = scene;
  figures.count({ [`kills: ${victim}`]: more.again === undefined ? 1 : 2 });
  if (victim === 'app') {
    await gateway.crash(more);
    figures.time('kill of the program → ready again', gateway.restarts.at(-1) ?? 0);
    figures.time('of a processor for a start', gateway.efforts.at(-1) ?? 0);
  } else if (victim === 'database') {
    figures.time('kill of PostgreSQL → it answers', await field.crashDatabase());
  } else {
    const from = Date.now();
    gateway.relay.cut();
    field.troubles.push({ from, to: Date.now() });
  }
  // A trap may have sprung on the other side meanwhile.
  for (const one of field.gateways) one.relay.cut();
}

/**
 * An invoice whose deadline is moved, by default to have passed with its grace: the one thing that no outsider can bring
 * about by waiting a little. Answers its reference.
 */
export async function orderOverdue(
  field: Field,
  traffic: Traffic,
  deadline = Math.floor(Date.now() / 1000) * 1000 - 130_000,
): Promise<string> {
  const order = await traffic.order('nothing');
  const id = order.answers[0]?.id;
  if (id === undefined) throw new Error('an order that is to expire was not acknowledged');
  const passed = new Date(deadline);
  await withDb(field.database.connection, db =>
    sql`update invoices set created_at = created_at - (expire_at - ${passed}), expire_at = ${passed},
               version = version + 1 where id = ${Number(id)} and status = 'new'`.execute(db),
  );
  return order.reference;
}
