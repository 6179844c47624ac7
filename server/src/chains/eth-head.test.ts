import { afterEach, beforeEach, expect, test } from 'vitest';
import { addGenesis, mine } from '../../../test/recorded-chain.ts';
import { ReplayRpc } from '../../../test/replay-rpc.ts';
import { type Network, networks } from '../domain/asset.ts';
import { openChain } from './registry.ts';

const signal = new AbortController().signal;
const byTag: Network = { ...networks['TRC-20'], finality: { by: 'tag', depth: 20 } };
const byDepth: Network = { ...networks['ERC-20'], finality: { by: 'depth', depth: 12 } };

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await ReplayRpc.start();
  addGenesis(replay);
  mine(replay, 50);
});
afterEach(() => replay.close());

const head = (network: Network) => openChain(network, { url: replay.url }).head(signal);

test('by depth the newest block counts as one, and the tag is not asked for', async () => {
  expect((await head(byDepth)).final).toBe(50 - 11);
  expect(replay.calls.map(call => call.params[0])).toEqual(['latest']);
});

test('a chain shorter than the depth has nothing final', async () => {
  replay.add(replay.blocks.get(3)!);
  expect((await head(byDepth)).final).toBe(-1);
});

test('by tag the node says', async () => {
  replay.finalized = 31;
  const { tip, final } = await head(byTag);
  expect(final).toBe(31);
  expect(tip).toMatchObject({ height: 50, hash: replay.tip.header.hash });
});

test('a node with nothing final yet has nothing final', async () => {
  replay.finalized = null;
  expect((await head(byTag)).final).toBe(-1);
  replay.finalized = 'finalized block not found';
  expect((await head(byTag)).final).toBe(-1);
});

test.each([
  [-32602, 'TAG [earliest | pending | finalized | safe] not supported'],
  [-32602, 'invalid block number'],
  [-32602, 'hex string without 0x prefix'],
  [-32000, 'invalid argument 0: hex string without 0x prefix'],
  [-32600, 'unsupported block tag'],
  [-32000, 'json: cannot unmarshal invalid hex string into Go value of type rpc.BlockNumber'],
])('a node that refuses the tag by %i %s is read by depth', async (code, message) => {
  replay.lie = call => (call.params[0] === 'finalized' ? { error: { code, message } } : undefined);
  expect((await head(byTag)).final).toBe(50 - 19);
});

test('a failure is not taken for a refusal of the tag', async () => {
  for (const error of [
    { code: -32005, message: 'rate limit exceeded' },
    { code: -32603, message: 'internal error' },
  ]) {
    replay.lie = call => (call.params[0] === 'finalized' ? { error } : undefined);
    await expect(head(byTag)).rejects.toMatchObject({ retryable: true, code: error.code });
  }
  replay.lie = call => (call.params[0] === 'finalized' ? { status: 503, body: '' } : undefined);
  await expect(head(byTag)).rejects.toMatchObject({ retryable: true });
});

test('a final block of a backend that is ahead is cut to the tip', async () => {
  replay.finalized = 50;
  replay.lie = call => (call.params[0] === 'latest' ? { result: replay.blocks.get(45)!.header } : undefined);
  const { tip, final } = await head(byTag);
  expect([tip.height, final]).toEqual([45, 45]);
});

test('a provider without a latest block has no head', async () => {
  replay.lie = () => ({ result: null });
  await expect(head(byDepth)).rejects.toMatchObject({ retryable: true });
});
