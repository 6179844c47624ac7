/**
 * Reorganisations of a real chain under the gateway's own stages: whatever vanishes, moves, comes back or is replaced, the
 * tables end as the chain that won has it, and nothing is paid twice.
 */
import { ChainError } from '../../server/src/chains/chain.ts';
import { Providers } from '../../server/src/chains/failover.ts';
import { openChain } from '../../server/src/chains/registry.ts';
import { rpc } from '../../server/src/dev/rpc.ts';
import type { Network } from '../../server/src/domain/asset.ts';
import { expire } from '../../server/src/flow/expire.ts';
import { match } from '../../server/src/flow/match.ts';
import { settle } from '../../server/src/flow/settle.ts';
import { type WatchDeps, watch } from '../../server/src/flow/watch.ts';
import type { Logger } from '../../server/src/lib/logger.ts';
import { findCursor } from '../../server/src/store/cursors.ts';
import { openDb, poolConfig } from '../../server/src/store/db.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { migrate } from '../../server/src/store/migrate.ts';
import { type LiveChain, mine, openLive } from '../e2e/live-chain.ts';
import {
  MINUTE,
  makeInvoice,
  makeMerchant,
  makeWallet,
  makeWorld,
  methodOf,
  type TestMerchant,
  type World,
} from '../factories.ts';
import { startThrowAway } from '../simulate/throw-away.ts';
import type { Figures } from './figures.ts';
import { type Fate, ForkingChain } from './forks.ts';
import { CODE, type Forked, judgeForks } from './judge-forks.ts';
import type { Lone } from './scene.ts';

/** A block is final this deep: about half of the forks are deeper. */
const FINALITY = 32;
const DEEPEST = 64;
/** Payers are slow now and then, so that some pay when it is too late, or may be too late in another block. */
const PAUSE = 9 * MINUTE;

export class Reorganised {
  readonly forked: Forked;
  readonly #merchant: TestMerchant;
  readonly #deps: WatchDeps;
  readonly #figures: Figures;

  private constructor(forked: Forked, of: { merchant: TestMerchant; deps: WatchDeps; figures: Figures }) {
    this.forked = forked;
    [this.#merchant, this.#deps, this.#figures] = [of.merchant, of.deps, of.figures];
  }

  static async open(world: World, live: LiveChain, figures: Figures): Promise<Reorganised> {
    const network: Network = {
      ...live.network,
      onDemand: false,
      finality: { by: 'depth', depth: FINALITY },
    };
    const merchant = await makeMerchant(world);
    const { key } = await makeWallet(world, merchant, { network: CODE });
    const chain = await ForkingChain.open(live, key, world.chance);
    const alarms: Forked['alarms'] = [];
    const hear = (what: unknown) => {
      const { alarm, invoice } = what as { alarm?: string; invoice?: number };
      if (alarm !== undefined) alarms.push({ alarm, ...(invoice !== undefined && { invoice }) });
    };
    const logger = { ...world.logger, error: hear, warn: () => undefined, info: () => undefined };
    const providers = new Providers([openChain(network, { url: live.rpcUrl })], {
      ...{ names: ['the node'], clock: world.clock, blockTime: network.blockTime },
    });
    const deps = { ...world, logger: logger as unknown as Logger, network, providers };
    const forked = { world, chain, alarms, undone: new Set<string>(), invoices: [] };
    const one = new Reorganised(forked, { merchant, deps, figures });
    await one.#follow();
    await one.read();
    return one;
  }

  /** Whatever is there to be done, until nothing is left. */
  async read(): Promise<void> {
    while ((await this.#watch()) > 0);
    const deps = { ...this.forked.world, logger: this.#deps.logger };
    for (const stage of [match, settle, expire]) while ((await stage(deps)) > 0);
  }

  /** One look at the chain, which may fork meanwhile. */
  async #watch(): Promise<number> {
    try {
      return await watch(this.#deps, AbortSignal.timeout(60_000));
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      this.#figures.count({ 'readings given up in the middle of a fork': 1 });
      return 0;
    }
  }

  async #follow(): Promise<void> {
    const { world, chain } = this.forked;
    world.clock.time = Math.max(world.clock.time, (await chain.tip()).time * 1000);
  }

  async #mine(blocks: number): Promise<void> {
    const { world, chain } = this.forked;
    const { rpcUrl } = chain.live;
    // A fork sets the chain's clock back by what it was put forward; its own blocks may be later than what was seen so far.
    await this.#follow();
    await rpc(rpcUrl, 'evm_setNextBlockTimestamp', Math.floor(world.clock.time / 1000) + 1);
    await mine(chain.live, blocks);
    await this.#follow();
  }

  /** The n-th round: orders and payments, looks at any moment, and a fork; the first go through every depth. */
  async round(n: number): Promise<void> {
    const { chance } = this.forked.world;
    for (let orders = chance.between(1, 3); orders > 0; orders--) await this.#order();
    if (chance.happens(0.7)) await this.read();
    else if (chance.happens(0.5)) await this.#watch();
    if (chance.happens(0.3)) await this.#mine(chance.between(1, 40));
    await this.#fork(n < DEEPEST ? n + 1 : chance.between(1, DEEPEST));
    await this.forked.chain.bringBack(0.15);
    await this.#mine(chance.between(1, 70));
    if (chance.happens(0.7)) await this.read();
  }

  /** One whose payment was final, and is gone with a fork that broke the network's word. */
  async reverse(): Promise<void> {
    await this.#order('1');
    await this.#mine(FINALITY);
    await this.read();
    await this.#fork(FINALITY + 10, 'vanishes');
    await this.#mine(FINALITY + 10);
    await this.read();
  }

  async #order(plan?: '0' | '1' | '2'): Promise<void> {
    const { world, chain, invoices } = this.forked;
    const { chance } = world;
    const amount = String(chance.between(10, 500));
    const invoice = await makeInvoice(world, this.#merchant, { network: CODE, amount });
    const { units } = methodOf(invoice).final;
    invoices.push({ id: invoice.id, units });
    if (chance.happens(0.05)) world.clock.advance(PAUSE);
    const times = plan ?? chance.weighted({ 0: 10, 1: 75, 2: 15 });
    for (let paid = 0; paid < Number(times); paid++) {
      await chain.pay(units);
      if (chance.happens(0.6)) await this.#mine(chance.between(1, 5));
    }
    await this.#mine(1);
  }

  /** Forks, in one of three rounds while the chain is being read. */
  async #fork(depth: number, fate?: Fate): Promise<void> {
    const { world, chain, undone } = this.forked;
    const keeps = (await chain.tip()).height - depth;
    const final = async () => (await findCursor(world.db, CODE))?.final_height ?? 0;
    const before = await final();
    const reading = world.chance.happens(0.33) ? this.#watch() : null;
    const lost = await chain.fork(depth, fate);
    await reading;
    this.#figures.count({ forks: 1 });
    if (keeps >= Math.max(before, await final())) return this.#figures.count({ 'forks up to finality': 1 });
    this.#figures.count({ 'forks deeper than finality': 1 });
    for (const hash of lost) undone.add(hash);
  }

  /** What is not as it must be: at once, and at the end when the chain has come to rest. */
  async judge(): Promise<string[]> {
    const { db } = this.forked.world;
    await this.#mine(FINALITY + 2);
    await this.read();
    await this.read();
    const violations = (await findViolations(db)).map(({ invariant, detail }) => `${invariant}: ${detail}`);
    return [...violations, ...(await judgeForks(this.forked, this.#figures))];
  }
}

/** As many forks as one node is sure to manage: it keeps some 4,000 states, and each fork takes about 75. */
const LEG = 50;

/** `rounds` forks, each leg of them on a chain and a database of its own. */
export async function reorganisations({ rounds, seed, say, isOver, figures }: Lone): Promise<string[]> {
  const complaints: string[] = [];
  for (let done = 0; done < rounds && !isOver(); done += LEG) {
    const forks = Math.min(LEG, rounds - done);
    complaints.push(...(await leg({ forks, seed: seed + done, isOver, figures })));
    say(`${done + forks} of ${rounds} forks, ${complaints.length} complaints`);
  }
  return complaints;
}

type Leg = Pick<Lone, 'seed' | 'isOver' | 'figures'> & { forks: number };

async function leg({ forks, seed, isOver, figures }: Leg): Promise<string[]> {
  const server = await startThrowAway();
  const live = await openLive(CODE);
  // A busy machine may take longer for a connection than a gateway waits for one.
  const db = openDb(
    { ...poolConfig(server.connection, 4), connectionTimeoutMillis: 60_000 },
    () => undefined,
  );
  try {
    await migrate(db);
    const run = await Reorganised.open(makeWorld(db, seed), live, figures);
    for (let n = 0; n < forks && !isOver(); n++) {
      await run.round(n);
      if (n % 25 === 0) await run.reverse();
    }
    return await run.judge();
  } finally {
    await db.destroy();
    await live.stop();
    await server.close();
  }
}
