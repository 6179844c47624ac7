import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../../../test/factories.ts';
import { FakeProvider } from '../../../test/fake-chain.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, WatchedChain } from '../../../test/watched-chain.ts';
import { ChainError, type Reading } from '../chains/chain.ts';
import { Providers } from '../chains/failover.ts';
import { lasting } from '../chains/provider-health.ts';
import { findViolations } from '../store/invariants.ts';
import { recheck } from './recheck.ts';

const world = useWorld();
const signal = new AbortController().signal;
let watched: WatchedChain;
let second: Pausing;
let providers: Providers;

/** Shows everything but transfers. */
class Hiding extends FakeProvider {
  hides = true;
  override async read(...asked: Parameters<FakeProvider['read']>): Promise<Reading> {
    const reading = await super.read(...asked);
    return reading.kind === 'read' && this.hides ? { ...reading, transfers: [] } : reading;
  }
}
let first: Hiding;

/** Lets something happen between what it has read and whoever asked for it. */
class Pausing extends FakeProvider {
  afterRead = async (): Promise<void> => undefined;
  override async read(...asked: Parameters<FakeProvider['read']>): Promise<Reading> {
    const reading = await super.read(...asked);
    await this.afterRead();
    return reading;
  }
}

beforeEach(async () => {
  watched = await WatchedChain.make(world);
  first = new Hiding(watched.chain);
  second = new Pausing(watched.chain);
  providers = new Providers([first, second], { clock: world.clock });
});

const deps = () => ({ ...watched.deps, providers });
const readAll = async () => {
  while ((await watched.tick(deps())) > 0);
};
const again = () => recheck(deps(), signal);

describe('a payment that the first provider hides', () => {
  beforeEach(async () => {
    watched.mine(2);
    await readAll();
    watched.pay(7n);
    watched.mine(DEPTH + 1);
    await readAll();
    expect(await watched.transfers()).toEqual([]);
  });

  test('is found by the second reading, stored once and counted', async () => {
    await again();
    expect(await watched.transfers()).toMatchObject([
      { height: 3, units: '7', state: 'pending', block_hash: watched.chain.blocks[3]!.hash },
    ]);
    expect(await watched.cursor()).toMatchObject({
      rechecked_height: watched.chain.tip.height - (DEPTH - 1),
      rechecked_at: world.clock.now(),
      found_late: 1,
    });
    await again();
    expect(await watched.transfers()).toHaveLength(1);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is found however much has been read before anybody could read again', async () => {
    watched.mine(5 * DEPTH);
    await readAll();
    await again();
    expect(await watched.heights()).toEqual([3]);
  });

  test('is found although the second provider was down, or behind, at the first try', async () => {
    second.lag = 6;
    expect(await again()).toBe(0);
    second.lag = 0;
    await again();
    expect(await watched.heights()).toEqual([3]);
  });

  test('is not found where a fork takes it away between the second reading and its end', async () => {
    second.afterRead = async () => {
      watched.chain.drop(DEPTH + 1);
      watched.mine(2 * DEPTH);
      await readAll();
    };
    expect(watched.chain.transfers()).toHaveLength(1);
    await expect(again()).rejects.toThrow('as it was read');
    expect(watched.chain.transfers()).toEqual([]);
    expect(await watched.transfers()).toEqual([]);
    second.afterRead = async () => undefined;
    await again();
    const { rechecked_height, final_height } = await watched.cursor();
    expect(rechecked_height).toBe(final_height);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is not found where a fork takes it away once a provider has shown it', async () => {
    providers = new Providers([second, first], { clock: world.clock });
    let isForked = false;
    first.onCall = async call => {
      if (isForked || call !== 'head') return;
      isForked = true;
      watched.chain.drop(DEPTH + 1);
      watched.mine(2 * DEPTH);
      await readAll();
    };
    expect(watched.chain.transfers()).toHaveLength(1);
    await again();
    expect(isForked).toBe(true);
    expect(await watched.transfers()).toEqual([]);
    await again();
    const { rechecked_height, final_height } = await watched.cursor();
    expect(rechecked_height).toBe(final_height);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is not found by a provider asked to read after itself', async () => {
    providers = new Providers([first], { clock: world.clock });
    await again();
    expect(await watched.transfers()).toEqual([]);
    expect((await watched.cursor()).found_late).toBe(0);
  });
});

test('nothing is missing where both show the same, and nothing is read that is not final', async () => {
  first.hides = false;
  watched.mine(2);
  await readAll();
  watched.pay(7n);
  watched.mine(DEPTH + 1);
  watched.pay(8n);
  watched.mine();
  await readAll();
  await again();
  expect(await watched.cursor()).toMatchObject({
    rechecked_height: watched.chain.tip.height - (DEPTH - 1),
    found_late: 0,
  });
  expect(await again()).toBe(0);
});

test('a stretch longer than one reading is read in several', async () => {
  first.hides = false;
  watched.mine(DEPTH + 2);
  await readAll();
  await again();
  watched.mine(1500);
  await readAll();
  expect(await again()).toBe(1000);
  expect(await again()).toBe(500);
  expect(await again()).toBe(0);
});

test('a network that was never read is left alone', async () => {
  expect(await again()).toBe(0);
});

test('a provider that hides a payment cannot hide it by reading it both times', async () => {
  watched.mine(2);
  await readAll();
  watched.pay(7n);
  watched.mine(DEPTH + 1);
  await readAll();
  // The second one is preferred from now on, and the one that lied would be the second.
  providers.passOn();
  await again();
  expect(await watched.transfers()).toMatchObject([{ height: 3, units: '7' }]);
});

test('what only a provider on an old fork shows is not found, and a third one is asked', async () => {
  first.hides = false;
  watched.mine(2);
  await readAll();
  watched.pay(7n);
  watched.mine(DEPTH);
  second.frozen = watched.chain.blocks;
  watched.chain.drop(DEPTH);
  // Read at one go by somebody else: of the blocks in between nothing is known.
  watched.mine(3 * DEPTH);
  providers = new Providers([first], { clock: world.clock });
  await readAll();
  providers = new Providers([first, second], { clock: world.clock });
  await expect(again()).rejects.toThrow('as it was read');
  expect(await watched.transfers()).toEqual([]);
  const before = (await watched.cursor()).rechecked_height;
  providers = new Providers([first, second, new FakeProvider(watched.chain)], { clock: world.clock });
  expect(await again()).toBeGreaterThan(0);
  expect(await watched.transfers()).toEqual([]);
  expect((await watched.cursor()).rechecked_height).toBeGreaterThan(before ?? 0);
});

describe('a provider on a fork below the final block', () => {
  beforeEach(async () => {
    first.hides = false;
    watched.mine(DEPTH + 5);
  });

  /** The chain as it is, with other hashes from a block on. */
  const forked = (from = 2) =>
    watched.chain.blocks.map(block =>
      block.height >= from ? { ...block, hash: `0xf${block.hash.slice(3)}` } : block,
    );

  test('is quarantined, and read from no more until that ends', async () => {
    await readAll();
    watched.mine(3);
    await readAll();
    const { final_height } = await watched.cursor();
    second.frozen = forked();
    expect(final_height).toBeGreaterThan(2);
    await expect(again()).rejects.toThrow('in quarantine');
    const member = providers.members[1]!;
    expect(lasting(member.health, world.clock.now())?.reason).toContain('is on another fork');
    expect(providers.usable().map(({ name }) => name)).toEqual(['1']);
    world.clock.advance(11 * MINUTE);
    expect(providers.usable()).toHaveLength(2);
  });

  test.each([
    ['each block as it came', 1, 2],
    ['at one go, of which few headers are known', 3 * DEPTH, DEPTH + 8],
  ])('cannot make the watcher take back what was final and read %s', async (_, more, from) => {
    await readAll();
    watched.pay(9n);
    if (more === 1) await watched.follow(DEPTH + 1);
    else watched.mine(DEPTH + 1 + more);
    await readAll();
    const before = await watched.cursor();
    second.frozen = forked(from);
    first.onCall = async call => {
      if (call === 'head') throw new ChainError('down', { retryable: true });
    };
    await expect(watched.tick(deps())).rejects.toThrow('is final and another one elsewhere');
    expect(await watched.cursor()).toEqual(before);
    expect(lasting(providers.members[1]!.health, world.clock.now())).not.toBeNull();
  });
});
