/** A fake chain with a wallet to watch on it, and what its watcher has made of it in the database. */
import { Providers } from '../server/src/chains/failover.ts';
import { type AssetCode, type Network, networks } from '../server/src/domain/asset.ts';
import { type WatchDeps, watch } from '../server/src/flow/watch.ts';
import { findCursor } from '../server/src/store/cursors.ts';
import { keyOn, makeMerchant, makeWallet, SECOND, type TestMerchant, type World } from './factories.ts';
import { FakeChain, FakeProvider } from './fake-chain.ts';

/** A block is final when three are on top of it. */
export const DEPTH = 4;
const CODE = 'BEP-20';
export const publicNetwork: Network = { ...networks[CODE], finality: { by: 'depth', depth: DEPTH } };
export const localNetwork: Network = { ...publicNetwork, onDemand: true };

const signal = new AbortController().signal;

export class WatchedChain {
  readonly world: World;
  readonly merchant: TestMerchant;
  /** The wallet's address key. */
  readonly wallet: string;
  readonly chain: FakeChain;
  readonly provider: FakeProvider;
  readonly deps: WatchDeps;

  private constructor(world: World, network: Network, watched: { merchant: TestMerchant; wallet: string }) {
    this.world = world;
    this.merchant = watched.merchant;
    this.wallet = watched.wallet;
    this.chain = new FakeChain(network, world.clock.now());
    this.provider = new FakeProvider(this.chain);
    this.deps = { ...world, network, providers: new Providers([this.provider]) };
  }

  /** A new chain of one block, not read yet, and a merchant with a USDT wallet on it. */
  static async make(world: World, network = publicNetwork): Promise<WatchedChain> {
    const merchant = await makeMerchant(world);
    const { key } = await makeWallet(world, merchant, { network: network.code });
    return new WatchedChain(world, network, { merchant, wallet: key });
  }

  tick(deps = this.deps): Promise<number> {
    return watch(deps, signal);
  }

  /** The watcher's tick with other providers than the one there is. */
  tickWith(...providers: FakeProvider[]): Promise<number> {
    return this.tick({ ...this.deps, providers: new Providers(providers) });
  }

  /** Reads until there is nothing new. */
  async readAll(): Promise<void> {
    while ((await this.tick()) > 0);
  }

  /** Mines blocks three seconds apart, with whatever was sent in the first. */
  mine(count = 1): void {
    for (let i = 0; i < count; i++) {
      this.world.clock.advance(3 * SECOND);
      this.chain.mine(this.world.clock.now());
    }
  }

  /** Sends a payment, for the next block to take. */
  pay(units: bigint, to = this.wallet, asset: AssetCode = 'USDT') {
    return this.chain.send([{ asset, from: keyOn(CODE, 'f'.repeat(40)), to, units }]);
  }

  async cursor() {
    const cursor = await findCursor(this.world.db, CODE);
    if (!cursor) throw new Error('the network was not read yet');
    return cursor;
  }

  transfers() {
    return this.world.db.selectFrom('transfers').selectAll().orderBy('id').execute();
  }

  /** The heights of the stored transfers, in order; null for one that is on no block. */
  async heights() {
    return (await this.transfers()).map(({ height }) => height);
  }

  /** The headers the watcher remembers, lowest first. */
  async remembered() {
    const { db } = this.world;
    const rows = await db.selectFrom('blocks').select(['height', 'hash']).orderBy('height').execute();
    return rows.map(({ height, hash }) => [height, hash]);
  }

  /** Mines blocks and reads each as it comes, as a watcher does that is not behind. */
  async follow(count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      this.mine();
      await this.readAll();
    }
  }

  /** The headers of the chain itself, from a height on. */
  headers(from = 0) {
    return this.chain.blocks.slice(from).map(({ height, hash }) => [height, hash]);
  }
}
