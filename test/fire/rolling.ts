/**
 * Rolling restarts under load, as a balancer sees them: SIGTERM to one of two, whose requests under way must all be answered,
 * while everything new goes to the other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { creating, keyHeaders, send } from '../e2e/wire.ts';
import { battle } from './battle.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { played } from './played.ts';
import type { Scene } from './scene.ts';

/** SIGKILL would follow by then. */
const DRAIN = 25_000;
const CLIENTS = 6;

type Request = {
  sentAt: number;
  target: GatewayProcess;
  ended: Promise<{ status: number | null; at: number }>;
};

/** Sends creates to one gateway and remembers each; the shop's own traffic goes on beside it. */
class Load {
  readonly #scene: Scene;
  readonly requests: Request[] = [];
  target: GatewayProcess;
  #stopped = false;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.target = scene.field.gateways[0];
  }

  run(): Promise<unknown> {
    return Promise.all(Array.from({ length: CLIENTS }, (_, n) => this.#client(n)));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #client(client: number): Promise<void> {
    const { field, prefix, chance } = this.#scene;
    for (let n = 0; !this.#stopped; n++) {
      const { target } = this;
      // A wallet has 999 tails for each price.
      const body = {
        amount: `${12 + (this.requests.length % 800)}.5`,
        client_reference_id: `load-${prefix}-${client}-${n}`,
      };
      const order = JSON.stringify({ ...body, cryptocurrency: 'USDT', network: played(field.chain).network });
      const message = creating({ ...keyHeaders(field.load) }, order);
      const ended = send(Number(new URL(target.baseUrl).port), message).then(
        ({ status }) => ({ status, at: Date.now() }),
        () => ({ status: null, at: Date.now() }),
      );
      this.requests.push({ sentAt: Date.now(), target, ended });
      await ended;
      await sleep(chance.below(60));
    }
  }
}

/** `rounds` restarts, of either gateway in turn. */
export async function rollingRestarts(scene: Scene): Promise<string[]> {
  const { field, figures, rounds } = scene;
  const complaints: string[] = [];
  await field.openLoad();
  const found = await battle({ ...scene, prefix: `${scene.prefix}-rolling`, shops: 2 }, async () => {
    const load = new Load(scene);
    const running = load.run();
    for (let n = 0; n < rounds; n++) {
      const leaving = field.gateways[n % 2] as GatewayProcess;
      load.target = leaving;
      await sleep(500 + scene.chance.below(500));
      load.target = field.gateways[(n + 1) % 2] as GatewayProcess;
      complaints.push(...(await restart(scene, load, leaving)));
      if (n % 10 === 9) scene.say(`${n + 1} of ${rounds} restarts`);
    }
    load.stop();
    await running;
    const last = await Promise.all(load.requests.map(({ ended }) => ended));
    figures.count({ 'creates answered 200 meanwhile': last.filter(({ status }) => status === 200).length });
  });
  return [...complaints, ...found];
}

async function restart({ figures, field }: Scene, load: Load, leaving: GatewayProcess): Promise<string[]> {
  // What was sent in the last moments may still be on its way to the listener.
  const [asked, from] = [Date.now() - 20, performance.now()];
  const code = await leaving.terminate();
  const took = performance.now() - from;
  const begun = Date.now();
  await leaving.start();
  field.troubles.push({ from: asked, to: Date.now() });
  figures.time('SIGTERM → ended', took);
  figures.time('started → ready', Date.now() - begun);
  const own = load.requests.filter(({ target, sentAt }) => target === leaving && sentAt < asked);
  const ends = await Promise.all(own.map(({ ended }) => ended));
  const under = ends.filter(({ at }) => at >= asked);
  figures.count({ restarts: 1, 'requests under way at SIGTERM': under.length });
  const failed = under.filter(({ status }) => status !== 200);
  figures.count({ 'of these failed': failed.length });
  return [
    ...failed.map(({ status }) => `a request under way at SIGTERM ended with ${status ?? 'no answer'}`),
    ...(code === 0 ? [] : [`${leaving.name} ended with ${code}`]),
    ...(took < DRAIN ? [] : [`${leaving.name} took ${Math.round(took)} ms to end`]),
  ];
}
