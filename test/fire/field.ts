/**
 * The field: a real PostgreSQL, a real chain that mines a block a second, a shop that listens, and two whole gateways on
 * one database, each behind a relay of its own. Everything in it can be killed.
 */
import { join } from 'node:path';
import { rateSourceNames } from '../../server/src/rates/registry.ts';
import { type LiveChain, openLive } from '../e2e/live-chain.ts';
import { openSink, type Sink } from '../e2e/sink.ts';
import { type Home, openHome } from '../process.ts';
import { keepMining } from './block-clock.ts';
import { Database } from './database.ts';
import type { Trouble } from './evidence.ts';
import { GatewayProcess } from './gateway-process.ts';
import { addMerchant, type Merchant } from './merchants.ts';
import { networksOf } from './played.ts';
import { WireRelay } from './wire-relay.ts';

const SHOP = '/shop';

export type FieldOptions = {
  rpc?: (chain: LiveChain) => Promise<Providers>;
  disk?: string;
};

export type Providers = { rpc: readonly { url: string }[]; close(): Promise<void> };

export class Field {
  readonly home: Home;
  readonly database: Database;
  readonly chain: LiveChain;
  readonly sink: Sink;
  readonly gateways: readonly [GatewayProcess, GatewayProcess];
  readonly troubles: Trouble[] = [];
  readonly merchants: Merchant[] = [];
  readonly #closers: (() => Promise<unknown>)[];

  private constructor(parts: {
    home: Home;
    database: Database;
    chain: LiveChain;
    sink: Sink;
    relays: readonly WireRelay[];
    closers: (() => Promise<unknown>)[];
    rpc: readonly { url: string }[];
  }) {
    const { home, database, chain, sink, relays, closers } = parts;
    [this.home, this.database, this.chain, this.sink, this.#closers] = [home, database, chain, sink, closers];
    const settings = settingsOf(chain, parts.rpc);
    const onTrouble = (trouble: Trouble) => this.troubles.push(trouble);
    const make = (name: string, relay: WireRelay) =>
      new GatewayProcess({ name, home, database: relay, settings, onTrouble });
    this.gateways = [make('first', relays[0] as WireRelay), make('second', relays[1] as WireRelay)];
  }

  /**
   * Opens everything, with one merchant that listens at `/shop`. `rpc`: the network's providers, by default the chain
   * itself; `disk`: where the database is to lie, by default in the home.
   */
  static async open({ rpc: rpcOf, disk }: FieldOptions = {}): Promise<Field> {
    const closers: (() => Promise<unknown>)[] = [];
    try {
      const home = await openHome();
      closers.push(() => home.close());
      const database = await Database.open(join(disk ?? home.dir, 'database'));
      closers.push(() => database.stop());
      const chain = await openLive('ERC-20');
      closers.push(() => chain.stop());
      const sink = await openSink();
      closers.push(() => sink.close());
      const relays = [0, 1].map(() => new WireRelay(() => database.connection));
      for (const relay of relays) {
        await relay.open();
        closers.push(() => relay.close());
      }
      const providers = await rpcOf?.(chain);
      if (providers) closers.push(() => providers.close());
      const rpc = providers?.rpc ?? [{ url: chain.rpcUrl }];
      const field = new Field({ home, database, chain, sink, relays, closers, rpc });
      closers.push(() => Promise.all(field.gateways.map(gateway => gateway.kill())));
      closers.push(await keepMining(chain));
      const [first, second] = field.gateways;
      await first.start();
      await Promise.all([second.start(), field.addMerchant(SHOP)]);
      return field;
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /** A merchant that is told at `webhookUrl`, by default at a path of the sink. */
  async addMerchant(
    path: string,
    { webhookUrl = this.sink.url(path), auth = 'signature' as 'signature' | 'private-key' } = {},
  ): Promise<Merchant> {
    const { chain, database } = this;
    const merchant = await addMerchant(database.connection, {
      ...{ chain, webhookUrl, path, auth },
      n: this.merchants.length,
    });
    this.merchants.push(merchant);
    return merchant;
  }

  #load: Merchant | undefined;

  /** Another merchant, for requests that are of no further interest. */
  async openLoad(): Promise<void> {
    this.#load = await this.addMerchant('/load', { auth: 'private-key' });
  }

  get load(): Merchant {
    if (!this.#load) throw new Error('no load was opened');
    return this.#load;
  }

  get shop(): Merchant {
    return this.merchants[0] as Merchant;
  }

  /**
   * Resolves at the next webhook to the shop: when it has come and waits for its answer, which it never gets, or as soon
   * as 200 went out.
   */
  shopHears(when: 'asked' | 'answered'): Promise<void> {
    return new Promise(resolve => {
      this.sink.answer(SHOP, ({ answered }) => {
        this.sink.answer(SHOP, later => later.answered.writeHead(200).end('OK'));
        if (when === 'asked') {
          setTimeout(() => answered.destroy(), 20_000).unref();
          resolve();
        } else answered.writeHead(200).end('OK', () => resolve());
      });
    });
  }

  /** Whether the shop was told of the order with this reference. */
  isTold(reference: string): boolean {
    return this.sink.at(SHOP).some(({ body }) => JSON.parse(body).data.client_reference_id === reference);
  }

  /** kill -9 of PostgreSQL; resolves when it takes queries again. Answers how long that took, in ms. */
  async crashDatabase(): Promise<number> {
    const [from, begun] = [Date.now(), performance.now()];
    await this.database.crash();
    const took = performance.now() - begun;
    this.troubles.push({ from, to: Date.now() });
    return took;
  }

  async close(): Promise<void> {
    await closeAll(this.#closers);
  }
}

export async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closers.toReversed()) await close();
}

/** The configuration of a gateway that watches the chain and asks the world for nothing. */
export function settingsOf(chain: LiveChain, rpc: readonly { url: string }[]): Record<string, unknown> {
  return {
    baseUrl: 'https://pay.example',
    webhookAllow: ['127.0.0.1/32'],
    logLevel: 'info',
    rateSources: Object.fromEntries(rateSourceNames.map(name => [name, { enabled: false }])),
    networks: networksOf(chain, rpc),
  };
}
