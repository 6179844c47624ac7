/** What is neither dead nor well: processes and databases that stand still, locks, slow answers, no more connections. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../process.ts';
import { until } from '../until.ts';
import { battle, calm } from './battle.ts';
import { points } from './points.ts';
import type { Scene } from './scene.ts';

const LEASE = 60_000;

const trapOf = (name: string) => {
  const point = points.find(one => one.name === name);
  if (!point || !('trap' in point)) throw new Error(`no point ${name}`);
  return point.trap;
};

/**
 * The program stands still for longer than a lease, holding a claim that it has not sent: the other one takes it over, and
 * what the first does with it when it goes on counts for nothing.
 */
export function stoppedProgram(scene: Scene): Promise<string[]> {
  const { field, figures } = scene;
  const [stale] = field.gateways;
  return battle({ ...scene, prefix: `${scene.prefix}-claim` }, async () => {
    await stale.relay.trap(trapOf('dispatch: claimed, not sent'));
    const from = Date.now();
    stale.signal('SIGSTOP');
    stale.relay.release();
    await sleep(LEASE + 15_000);
    stale.signal('SIGCONT');
    field.troubles.push({ from, to: Date.now() });
    await calm(field);
    figures.count({ 'program stopped for 75 s with a claim': 1 });
  });
}

/** The same in the middle of a transaction: what it has locked must not hold up the other one for ever. */
export function stoppedInTransaction(scene: Scene): Promise<string[]> {
  const { field, figures } = scene;
  const [stale, other] = field.gateways;
  return battle({ ...scene, prefix: `${scene.prefix}-lock` }, async traffic => {
    await stale.relay.trap(trapOf('settle: invoice paid, no event'));
    const from = Date.now();
    stale.signal('SIGSTOP');
    const begun = performance.now();
    const order = await traffic.order('exact');
    const reference = order.reference;
    await until(() => field.isTold(reference), {
      timeout: 180_000,
      interval: 200,
      what: 'a payment settled',
    });
    figures.time(
      'settled and told although the other program stands still in a transaction',
      performance.now() - begun,
    );
    if (!(await other.isReady())) throw new Error('the other gateway is not ready');
    await sleep(Math.max(0, LEASE + 15_000 - (performance.now() - begun)));
    stale.signal('SIGCONT');
    stale.relay.release();
    field.troubles.push({ from, to: Date.now() });
    await calm(field);
  });
}

/** Every process of PostgreSQL stands still for `ms`. */
export function stoppedDatabase(scene: Scene, ms = 30_000): Promise<string[]> {
  const { field, figures } = scene;
  const [gateway] = field.gateways;
  return battle({ ...scene, prefix: `${scene.prefix}-still` }, async () => {
    const all = await processesOf(join(field.home.dir, 'database'), { byHome: false });
    const [from, begun] = [Date.now(), performance.now()];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    try {
      await until(async () => (await gateway.probe()) === 503, { ...short, what: '503 of /readyz' });
      figures.time('PostgreSQL stands still → /readyz 503', performance.now() - begun);
      await sleep(Math.max(0, ms - (performance.now() - begun)));
    } finally {
      for (const pid of all) process.kill(pid, 'SIGCONT');
    }
    const again = performance.now();
    await calm(field);
    figures.time('PostgreSQL goes on → both programs ready', performance.now() - again);
    field.troubles.push({ from, to: Date.now() });
  });
}

const short = { timeout: 20_000, interval: 20 };

/** Somebody holds a lock on the invoices for `ms`. */
export function heldLock(scene: Scene, ms = 60_000): Promise<string[]> {
  const { field, figures } = scene;
  return battle({ ...scene, prefix: `${scene.prefix}-held` }, async () => {
    const from = Date.now();
    await field.database.asSuperuser(async client => {
      await client.query('begin; lock table invoices in access exclusive mode');
      await sleep(ms);
      await client.query('rollback');
    });
    const begun = performance.now();
    await calm(field);
    figures.time('lock let go → both programs ready', performance.now() - begun);
    field.troubles.push({ from, to: Date.now() });
    await sleep(5000);
  });
}

/** Every answer of PostgreSQL takes `delay` ms longer, for `ms`. */
export function slowAnswers(scene: Scene, { delay = 150, ms = 30_000 } = {}): Promise<string[]> {
  const { field } = scene;
  return battle({ ...scene, prefix: `${scene.prefix}-slow` }, async () => {
    const from = Date.now();
    for (const { relay } of field.gateways) relay.delay = delay;
    await sleep(ms);
    for (const { relay } of field.gateways) relay.delay = 0;
    field.troubles.push({ from, to: Date.now() });
  });
}

/** The role gets `most` connections for both programs together, for `ms`; each wants seventeen. */
export function fewConnections(scene: Scene, { most = 4, ms = 30_000 } = {}): Promise<string[]> {
  const { field, figures } = scene;
  const { user } = field.database.connection;
  const limit = (n: number) =>
    field.database.asSuperuser(async client => {
      await client.query(`alter role ${user} connection limit ${n}`);
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [user]);
    });
  return battle({ ...scene, prefix: `${scene.prefix}-few` }, async traffic => {
    const from = Date.now();
    await limit(most);
    const before = traffic.acknowledged;
    await sleep(ms);
    figures.count({ [`orders acknowledged with ${most} connections in all`]: traffic.acknowledged - before });
    await limit(-1);
    const begun = performance.now();
    await calm(field);
    figures.time('connections to be had again → both programs ready', performance.now() - begun);
    field.troubles.push({ from, to: Date.now() });
  });
}
