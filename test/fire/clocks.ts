/** Gateways whose clocks are an hour off, and jump while they run: nothing expires early or late, no stamp is wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../until.ts';
import { battle } from './battle.ts';
import { orderOverdue } from './kills.ts';
import type { Scene } from './scene.ts';

const HOUR = 3_600_000;
const shim = fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url));
const GRACE = 120_000;
const MINUTES = 15;
/** How much the deadline of an order may differ from a quarter of an hour, in seconds: the way of the request, and rounding. */
const OFF = 30;

/** The first is an hour ahead, the second an hour behind; both jump forwards and back. Waits between for `ms`. */
export async function wrongClocks(scene: Scene, ms = 5000): Promise<string[]> {
  const { field, figures } = scene;
  for (const [n, gateway] of field.gateways.entries()) {
    gateway.environ = { NODE_OPTIONS: `--import ${shim}`, FIRE_CLOCK_SHIFT: String(n === 0 ? HOUR : -HOUR) };
    await gateway.crash();
  }
  const complaints: string[] = [];
  const found = await battle({ ...scene, prefix: `${scene.prefix}-clock` }, async traffic => {
    for (const phase of ['off by an hour', 'jumped by another', 'jumped back']) {
      if (phase !== 'off by an hour') for (const gateway of field.gateways) gateway.signal('SIGUSR2');
      await sleep(ms);
      const order = await traffic.order('nothing');
      const left = Number(order.answers[0]?.expire_at) - Date.now() / 1000;
      if (Math.abs(left - MINUTES * 60) > OFF) complaints.push(`${phase}: an order has ${left} s to be paid`);
      // Its deadline with the grace is to pass a few seconds from now.
      const passes = Math.ceil(Date.now() / 1000) * 1000 + 4000;
      const reference = await orderOverdue(field, traffic, passes - GRACE);
      await until(() => field.isTold(reference), { timeout: 60_000, interval: 20, what: 'an expired event' });
      const late = Date.now() - passes;
      figures.time('deadline with its grace → the shop is told', Math.max(0, late));
      figures.count({ 'deadlines watched under wrong clocks': 1 });
      if (late < 0) complaints.push(`${phase}: an invoice expired ${-late} ms early`);
      if (late > 30_000) complaints.push(`${phase}: an invoice expired ${late} ms late`);
    }
  });
  for (const gateway of field.gateways) gateway.environ = {};
  return [...complaints, ...found];
}
