import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { decimal, keyOn, MINUTE, makeInvoice, makeWallet, must, SECOND } from '../../../test/factories.ts';
import { FakeChain, FakeProvider } from '../../../test/fake-chain.ts';
import { lockWaiters } from '../../../test/lock-waiters.ts';
import { warm } from '../../../test/pg.ts';
import { until } from '../../../test/until.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, publicNetwork, WatchedChain } from '../../../test/watched-chain.ts';
import { ChainError } from '../chains/chain.ts';
import { Providers } from '../chains/failover.ts';
import { findCursor } from '../store/cursors.ts';
import { transact } from '../store/db.ts';
import { findViolations } from '../store/invariants.ts';

const world = useWorld();
let watched: WatchedChain;

/** Whether a statement waits for a lock that another transaction holds. */
const isSomebodyWaiting = async () => (await lockWaiters(world.db)) > 0;

beforeEach(async () => {
  watched = await WatchedChain.make(world);
});

describe('a network read for the first time', () => {
  test('is read from its final block on', async () => {
    watched.mine(10);
    watched.pay(5n);
    watched.mine();
    expect(await watched.tick()).toBe(1);
    expect(await watched.cursor()).toEqual({
      network: 'BEP-20',
      epoch: 1,
      genesis: watched.chain.blocks[0]!.hash,
      height: 11 - (DEPTH - 1),
      hash: watched.chain.blocks[8]!.hash,
      block_time: watched.chain.blocks[8]!.time,
      final_height: 11 - (DEPTH - 1),
      tip_height: 11,
      caught_up_at: world.clock.now(),
      version: 1,
      rechecked_height: 11 - (DEPTH - 1),
      rechecked_at: world.clock.now(),
      found_late: 0,
      retired_at: null,
    });
    expect(await watched.tick()).toBe(3);
    expect(await watched.cursor()).toMatchObject({ height: 11, hash: watched.chain.tip.hash });
    expect(await watched.heights()).toEqual([11]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is walked back like any other when it forks in its first minutes', async () => {
    watched.mine(10);
    await watched.readAll();
    watched.chain.drop(2);
    watched.pay(5n);
    watched.mine(3);
    await watched.readAll();
    expect(await watched.heights()).toEqual([9]);
    expect((await watched.cursor()).hash).toBe(watched.chain.tip.hash);
  });

  test.each<[string, (provider: FakeProvider) => void]>([
    [
      'no final block',
      provider => {
        const { head } = provider;
        provider.head = async () => ({ ...(await head.call(provider)), final: -1 });
      },
    ],
    [
      'the first block as the final one',
      provider => {
        const { head } = provider;
        provider.head = async () => ({ ...(await head.call(provider)), final: 0 });
      },
    ],
    ['a final block of hours ago, because it still catches up', provider => (provider.lag = 1505)],
  ])('is not begun where a provider names %s', async (_, err) => {
    watched.mine(10);
    world.clock.advance(61 * MINUTE);
    watched.mine(1500);
    const erring = new FakeProvider(watched.chain);
    const honest = watched.provider;
    err(erring);
    await expect(watched.tickWith(erring)).rejects.toMatchObject({ name: 'ChainError', retryable: true });
    expect(await findCursor(world.db, 'BEP-20')).toBeNull();
    expect(await watched.tickWith(erring, honest)).toBe(1);
    expect((await watched.cursor()).height).toBe(watched.chain.tip.height - (DEPTH - 1));
  });

  test('is begun at its first block while it is too young to have a final one', async () => {
    watched.mine(DEPTH - 2);
    expect(await watched.tick()).toBe(1);
    expect(await watched.cursor()).toMatchObject({ height: 0, final_height: -1 });
  });

  test('is begun, where it is private, though nobody has sent anything for hours', async () => {
    watched.mine(10);
    world.clock.advance(600 * MINUTE);
    const network = { ...publicNetwork, chainId: 97 };
    const chain = new FakeProvider(watched.chain);
    chain.identity = async () => ({ ...(await watched.provider.identity()), chainId: 97 });
    const deps = { ...watched.deps, network, providers: new Providers([chain]) };
    expect(await watched.tick(deps)).toBe(1);
  });

  test('by two processes at once is begun once', async () => {
    watched.mine(5);
    await warm(world.db);
    // Neither goes on from the chain before both have found that there is no cursor yet.
    let heads = 0;
    let release: () => void = () => undefined;
    const both = new Promise<void>(resolve => {
      release = resolve;
    });
    watched.provider.onCall = async call => {
      if (call !== 'head') return;
      if (++heads === 2) release();
      await both;
    };
    await Promise.all([watched.tick(), watched.tick()]);
    expect((await watched.cursor()).version).toBe(1);
    expect(await watched.remembered()).toEqual([[2, watched.chain.blocks[2]!.hash]]);
  });

  test('is not begun with a provider of another chain, or of other tokens', async () => {
    const [token] = publicNetwork.tokens;
    for (const other of [{ chainId: 1 }, { tokens: [{ ...token!, decimals: 6 }] }]) {
      await expect(
        watched.tick({ ...watched.deps, network: { ...publicNetwork, ...other } }),
      ).rejects.toThrow('is refused');
    }
    expect(await findCursor(world.db, 'BEP-20')).toBeNull();
  });
});

describe('new blocks', () => {
  beforeEach(async () => {
    watched.mine(5);
    await watched.readAll();
  });

  test('are passed in one transaction with what is in them', async () => {
    const { id } = watched.pay(7n);
    watched.mine(2);
    expect(await watched.tick()).toBe(2);
    const [transfer] = await watched.transfers();
    expect(transfer).toMatchObject({
      network: 'BEP-20',
      epoch: 1,
      tx_id: id,
      asset: 'USDT',
      from_key: keyOn('BEP-20', 'f'.repeat(40)),
      to_key: watched.wallet,
      units: '7',
      ordinal: 0,
      height: 6,
      block_hash: watched.chain.blocks[6]!.hash,
      block_time: watched.chain.blocks[6]!.time,
      state: 'pending',
      detected_at: world.clock.now(),
    });
    expect(await watched.cursor()).toMatchObject({
      height: 7,
      hash: watched.chain.tip.hash,
      final_height: 4,
      version: 3,
    });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('are searched for every asset of the network to every wallet there, and for nothing else', async () => {
    const second = await makeWallet(world, watched.merchant, {
      network: 'BEP-20',
      asset: 'DAI',
      active: false,
    });
    await makeWallet(world, watched.merchant, { network: 'ERC-20', account: 'c'.repeat(40) });
    watched.pay(1n, watched.wallet, 'USDC');
    watched.pay(2n, second.key, 'USDT');
    watched.pay(3n, keyOn('BEP-20', 'c'.repeat(40)));
    watched.pay(4n, keyOn('BEP-20', 'd'.repeat(40)));
    watched.mine();
    await watched.readAll();
    expect((await watched.transfers()).map(({ units }) => units)).toEqual(['1', '2']);
  });

  test('are searched for the own coin at the address an open invoice was given, though its wallet has another', async () => {
    world.coinRateOf = () => decimal('3.7');
    const { id, key } = await makeWallet(world, watched.merchant, {
      network: 'BEP-20',
      asset: 'BNB',
      digits: 6,
    });
    await watched.follow(1);
    const rate = must(world.coinRate('BNB', world.clock.now()));
    await makeInvoice(world, watched.merchant, { network: 'BEP-20', asset: 'BNB', rate });
    await sql`update wallets set address_key = ${keyOn('BEP-20', 'b'.repeat(40))} where id = ${id}`.execute(
      world.db,
    );
    watched.pay(3n, key, 'BNB');
    await watched.follow(1);
    expect(await watched.transfers()).toMatchObject([{ asset: 'BNB', to_key: key }]);
  });

  test('hold equal transfers apart', async () => {
    const transfer = {
      asset: 'USDT' as const,
      from: keyOn('BEP-20', 'e'.repeat(40)),
      to: watched.wallet,
      units: 9n,
    };
    watched.chain.send([transfer, transfer, { ...transfer, units: 10n }]);
    watched.mine();
    await watched.readAll();
    expect((await watched.transfers()).map(({ units, ordinal }) => [units, ordinal])).toEqual([
      ['9', 0],
      ['9', 1],
      ['10', 0],
    ]);
  });

  test('are read a thousand at a time', async () => {
    watched.mine(1500);
    watched.pay(1n);
    watched.mine();
    expect([await watched.tick(), await watched.tick(), await watched.tick()]).toEqual([1000, 501, 0]);
    expect(await watched.heights()).toEqual([1506]);
  });

  test('are remembered 300 below the final one', async () => {
    watched.mine(380);
    await watched.follow(320);
    const [lowest] = await watched.remembered();
    expect(lowest).toEqual([705 - (DEPTH - 1) - 300, watched.chain.blocks[402]!.hash]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('are read by one of two processes that started from the same place', async () => {
    watched.pay(7n);
    watched.mine(3);
    const [one, two] = [new FakeProvider(watched.chain), new FakeProvider(watched.chain)];
    let arrived = 0;
    let bothRead: () => void = () => undefined;
    const together = new Promise<void>(resolve => {
      bothRead = resolve;
    });
    for (const each of [one, two]) {
      each.onCall = async call => {
        if (call !== 'read') return;
        if (++arrived === 2) bothRead();
        await together;
      };
    }
    const read = await Promise.all([one, two].map(each => watched.tickWith(each)));
    expect(read.toSorted()).toEqual([0, 3]);
    expect(await watched.cursor()).toMatchObject({ height: 8, version: 3 });
    expect(await watched.heights()).toEqual([6]);
  });

  test('are not passed when a wallet was added while they were read; it is not missed', async () => {
    const account = 'a'.repeat(40);
    watched.pay(3n, keyOn('BEP-20', account));
    watched.mine();
    watched.provider.onCall = async call => {
      if (call !== 'read') return;
      watched.provider.onCall = async () => undefined;
      await makeWallet(world, watched.merchant, { network: 'BEP-20', account });
    };
    const before = await watched.cursor();
    expect(await watched.tick()).toBe(0);
    expect(await watched.cursor()).toEqual(before);
    expect(await watched.tick()).toBe(1);
    expect((await watched.transfers()).map(({ to_key: to }) => to)).toEqual([keyOn('BEP-20', account)]);
  });

  test('wait for a wallet that is just being added, and are not passed without it', async () => {
    watched.mine();
    await warm(world.db);
    let ticking: Promise<number> = Promise.resolve(0);
    await transact(world.db, async tx => {
      await tx.updateTable('watch_sets').set({ version: 2 }).where('network', '=', 'BEP-20').execute();
      let done = false;
      ticking = watched.tick().finally(() => {
        done = true;
      });
      await until(async () => done || (await isSomebodyWaiting()), { timeout: 60_000, interval: 5 });
    });
    expect(await ticking).toBe(0);
  });

  test('that only make older ones final are a move too', async () => {
    const final = (await watched.cursor()).final_height;
    watched.provider.lag = 2;
    watched.mine(2);
    expect(await watched.tick()).toBe(0);
    watched.provider.lag = 0;
    await watched.readAll();
    expect((await watched.cursor()).final_height).toBe(final + 2);
  });

  test('never make less final than before', async () => {
    const shallow = { ...publicNetwork, finality: { by: 'depth' as const, depth: 1 } };
    Object.assign(watched.chain, { network: shallow });
    watched.mine();
    await watched.readAll();
    expect((await watched.cursor()).final_height).toBe(6);
    Object.assign(watched.chain, { network: { ...publicNetwork, finality: { by: 'depth', depth: 6 } } });
    watched.mine();
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ height: 7, final_height: 6 });
  });
});

describe('nothing new', () => {
  test('is noted every ten seconds, as the last time the tip was reached', async () => {
    watched.mine(5);
    await watched.readAll();
    const { caught_up_at: begun, version } = await watched.cursor();
    world.clock.advance(9 * SECOND);
    expect(await watched.tick()).toBe(0);
    expect((await watched.cursor()).caught_up_at).toBe(begun);
    world.clock.advance(SECOND);
    expect(await watched.tick()).toBe(0);
    expect(await watched.cursor()).toMatchObject({ caught_up_at: begun + 10 * SECOND, version });
  });

  test('is not the tip while there is more to read', async () => {
    watched.mine(5);
    await watched.readAll();
    const begun = (await watched.cursor()).caught_up_at;
    watched.mine(1500);
    await watched.tick();
    expect(await watched.cursor()).toMatchObject({ caught_up_at: begun, tip_height: 1505, height: 1005 });
    await watched.tick();
    expect((await watched.cursor()).caught_up_at).toBe(world.clock.now());
  });
});

describe('a provider', () => {
  beforeEach(async () => {
    watched.mine(5);
    await watched.readAll();
    watched.pay(1n);
    watched.mine(5);
    await watched.readAll();
  });

  test.each([
    ['a block that is known', 3],
    ['one of which no header was kept', 4],
  ])('that lags behind what was read, at %s, changes nothing', async (_, lag) => {
    const before = await watched.cursor();
    watched.provider.lag = lag;
    world.clock.advance(MINUTE);
    expect(await watched.tick()).toBe(0);
    expect(await watched.cursor()).toEqual(before);
    watched.provider.lag = 0;
    watched.mine(1);
    expect(await watched.tick()).toBe(1);
    expect(await watched.heights()).toEqual([6]);
  });

  test('on an old fork at the same height takes the transfers off, until another one brings them back', async () => {
    const old = new FakeProvider(watched.chain);
    const kept = watched.chain.blocks;
    watched.chain.drop(6);
    watched.mine(6);
    old.frozen = watched.chain.blocks;
    watched.chain.blocks = kept;
    await watched.tickWith(old);
    expect(await watched.heights()).toEqual([null]);
    expect(await findViolations(world.db)).toEqual([]);
    watched.mine(1);
    await watched.readAll();
    expect(await watched.heights()).toEqual([6]);
    expect(await watched.transfers()).toHaveLength(1);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that fails is left for the next one, in the same tick', async () => {
    const broken = new FakeProvider(watched.chain);
    broken.onCall = async () => {
      throw new ChainError('no answer', { retryable: true });
    };
    watched.mine();
    expect(await watched.tickWith(broken, watched.provider)).toBe(1);
    await expect(watched.tickWith(broken)).rejects.toThrow('no answer');
  });

  test('of another chain is left for the next one, and never believed', async () => {
    const other = new FakeProvider(new FakeChain({ ...publicNetwork, chainId: 97 }, world.clock.now()));
    watched.mine();
    expect(await watched.tickWith(other, watched.provider)).toBe(1);
    expect(await watched.cursor()).toMatchObject({ hash: watched.chain.tip.hash });
  });

  test('that was gone for a while proves anew what chain it is', async () => {
    const providers = new Providers([watched.provider], { clock: world.clock });
    const tick = () => watched.tick({ ...watched.deps, providers });
    await tick();
    watched.provider.onCall = () => Promise.reject(new ChainError('gone', { retryable: true }));
    for (let i = 0; i < 5; i++) await expect(tick()).rejects.toThrow('gone');
    watched.provider.onCall = async () => undefined;
    const { genesis, tokens } = await watched.provider.identity();
    watched.provider.identity = async () => ({ chainId: 97, genesis, tokens });
    watched.mine();
    world.clock.advance(SECOND);
    await expect(tick()).rejects.toThrow('is refused');
  });

  test('that fails between two answers leaves everything as it was', async () => {
    watched.pay(2n);
    watched.mine(3);
    const before = await watched.cursor();
    for (const failing of ['head', 'read'] as const) {
      watched.provider.onCall = async call => {
        if (call === failing) throw new ChainError('cut off', { retryable: true });
      };
      await expect(watched.tick()).rejects.toThrow('cut off');
    }
    expect(await watched.cursor()).toEqual(before);
    watched.provider.onCall = async () => undefined;
    await watched.readAll();
    expect(await watched.heights()).toEqual([6, 11]);
  });
});
