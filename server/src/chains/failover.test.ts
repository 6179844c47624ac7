import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addGenesis, mine } from '../../../test/recorded-chain.ts';
import { ReplayRpc } from '../../../test/replay-rpc.ts';
import { networks } from '../domain/asset.ts';
import { type Chain, ChainError, Untrusted } from './chain.ts';
import { Providers } from './failover.ts';
import { openChain } from './registry.ts';

const signal = new AbortController().signal;
const network = networks['ERC-20'];
let replays: ReplayRpc[];
let providers: Providers;

beforeAll(async () => {
  replays = await Promise.all([ReplayRpc.start(), ReplayRpc.start(), ReplayRpc.start()]);
  for (const [index, replay] of replays.entries()) {
    addGenesis(replay);
    mine(replay, 10 + index);
  }
});
afterAll(() => Promise.all(replays.map(replay => replay.close())));
beforeEach(() => {
  for (const replay of replays) {
    replay.lie = () => undefined;
    replay.calls = [];
  }
  providers = new Providers(replays.map(replay => openChain(network, { url: replay.url })));
});

const fails = (index: number, error = { code: -32000, message: 'overloaded' }) => {
  replays[index]!.lie = () => ({ error });
};
const asked = () => replays.map(replay => replay.calls.length);
const tip = async (chain: Chain) => (await chain.head(signal)).tip.height;

test('the first provider is used while it works', async () => {
  expect(await providers.use(tip, signal)).toBe(10);
  expect(await providers.use(tip, signal)).toBe(10);
  expect(asked()).toEqual([2, 0, 0]);
});

test('the next one takes over, and is remembered', async () => {
  fails(0);
  expect(await providers.use(tip, signal)).toBe(11);
  replays[0]!.lie = () => undefined;
  expect(await providers.use(tip, signal)).toBe(11);
  expect(asked()).toEqual([1, 2, 0]);
});

test('after the last comes the first', async () => {
  fails(0);
  fails(1);
  expect(await providers.use(tip, signal)).toBe(12);
  fails(2);
  replays[0]!.lie = () => undefined;
  expect(await providers.use(tip, signal)).toBe(10);
});

test('a piece of work starts anew on the next provider, never half on each', async () => {
  let heads = 0;
  replays[0]!.lie = call => (call.params[0] === '0x5' ? { status: 500, body: '' } : undefined);
  const seen = await providers.use(async chain => {
    heads++;
    const head = await chain.head(signal);
    return { head, block: await chain.block(5, signal) };
  }, signal);
  expect(seen.head.tip.height).toBe(11);
  expect(seen.block?.height).toBe(5);
  expect(heads).toBe(2);
});

test('when all have failed the last error is thrown, each tried once', async () => {
  for (const index of [0, 1, 2]) fails(index, { code: -32000, message: `failure ${index}` });
  await expect(providers.use(tip, signal)).rejects.toThrow(/failure 2/);
  expect(asked()).toEqual([1, 1, 1]);
});

test('an error that no other provider can cure is thrown at once', async () => {
  fails(0, { code: -32601, message: 'Method not found' });
  await expect(providers.use(tip, signal)).rejects.toBeInstanceOf(ChainError);
  const bug = new TypeError('a bug');
  await expect(providers.use(() => Promise.reject(bug), signal)).rejects.toBe(bug);
  expect(asked()).toEqual([1, 0, 0]);
});

test('after a stop no further provider is tried', async () => {
  const stop = new AbortController();
  const work = async () => {
    stop.abort(new Error('stopping'));
    throw new ChainError('busy', { retryable: true });
  };
  await expect(providers.use(work, stop.signal)).rejects.toThrow('stopping');
});

test('a network without providers is a mistake', () => {
  expect(() => new Providers([])).toThrow(RangeError);
});

describe('with a clock', () => {
  const clock = { time: 0, now: () => clock.time };
  const remembering = () =>
    new Providers(
      replays.map(replay => openChain(network, { url: replay.url })),
      { clock, names: ['a', 'b', 'c'], blockTime: network.blockTime },
    );
  beforeEach(() => {
    clock.time = 0;
    providers = remembering();
  });
  /** The head of a replay now: these tests mine on them. */
  const height = (index: number) => Number(replays[index]!.tip.header.number);
  const order = () => providers.usable().map(({ name }) => name);
  const distrusting = (name: string) =>
    providers.distrust(providers.members.find(member => member.name === name)!, 'forked', 'block 5');

  test('one that fails five times in a row is left alone for 30 seconds', async () => {
    for (let i = 0; i < 5; i++) {
      fails(0);
      fails(1);
      fails(2);
      await expect(providers.use(tip, signal)).rejects.toThrow('overloaded');
    }
    for (const index of [1, 2]) replays[index]!.lie = () => undefined;
    expect(await providers.use(tip, signal)).toBe(height(1));
    const before = asked()[0];
    expect(await providers.use(tip, signal)).toBe(height(1));
    expect(order().at(-1)).not.toBe('b');
    expect(asked()[0]).toBe(before);
    clock.time = 30_000;
    await providers.compare(signal);
    expect(asked()[0]).toBe(before! + 1);
  });

  test('one that says what cannot be so is asked no more, until its time has passed', async () => {
    const lie = new Untrusted('contradiction', 'two logs in one place');
    let first = true;
    const seen = await providers.use(async chain => {
      if (!first) return tip(chain);
      first = false;
      throw lie;
    }, signal);
    expect(seen).toBe(height(1));
    expect(order()).toEqual(['b', 'c']);
    clock.time = 10 * 60_000;
    expect(order()).toHaveLength(3);
  });

  test('two readers are two different ones, as long as there are two', async () => {
    expect(await providers.use(tip, signal)).toBe(height(0));
    expect(await providers.useTwo(tip, signal)).toEqual([height(0), height(1)]);
    distrusting('b');
    expect(await providers.useTwo(tip, signal)).toEqual([height(0), height(2)]);
    distrusting('c');
    await expect(providers.useTwo(tip, signal)).rejects.toThrow('in quarantine');
  });

  test('one that is alone reads alone', async () => {
    const alone = new Providers([openChain(network, { url: replays[0]!.url })]);
    expect(await alone.useTwo(tip, signal)).toEqual([height(0)]);
  });

  test('one that lags far behind is asked last', async () => {
    mine(replays[1]!, 10);
    mine(replays[2]!, 10);
    await providers.compare(signal);
    expect(order()).toEqual(['b', 'c', 'a']);
  });

  test('one in quarantine is not asked how far it is, and is no measure for the others', async () => {
    distrusting('b');
    mine(replays[1]!, 1000);
    await providers.compare(signal);
    expect(asked().map(count => count > 0)).toEqual([true, false, true]);
  });

  /** What answers took so far, in ms. */
  const took = (...latencies: number[]) => {
    for (const [index, latency] of latencies.entries()) providers.members[index]!.health.latency = latency;
  };

  test('one that is passed on from, because it told nothing new, waits until it does', async () => {
    expect(await providers.use(tip, signal)).toBe(height(0));
    took(5, 3000, 5);
    providers.passOn();
    expect(order()).toEqual(['c', 'b', 'a']);
    mine(replays[0]!, 11);
    await providers.compare(signal);
    took(5, 3000, 5);
    expect(order().at(-1)).toBe('b');
  });

  test('one that takes many times as long gives way to another', async () => {
    took(400, 200, 210);
    expect(order()).toEqual(['a', 'b', 'c']);
    took(2000, 200, 210);
    expect(order()).toEqual(['b', 'c', 'a']);
  });

  test('one whose time is not known yet is not left for one whose time is', async () => {
    took(5);
    providers.passOn();
    expect(order()[0]).toBe('b');
  });
});
