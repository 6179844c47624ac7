import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addGenesis, mine } from '../../../test/recorded-chain.ts';
import { ReplayRpc } from '../../../test/replay-rpc.ts';
import { networks } from '../domain/asset.ts';
import { type Chain, ChainError } from './chain.ts';
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
