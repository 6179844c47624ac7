import { afterEach, beforeEach, expect, test } from 'vitest';
import { addGenesis, madeHash, mine } from '../../../test/recorded-chain.ts';
import { ReplayRpc } from '../../../test/replay-rpc.ts';
import { networks } from '../domain/asset.ts';
import { identityFaults } from './identity.ts';
import { openChain } from './registry.ts';

const signal = new AbortController().signal;
const network = networks['ERC-20'];
const [usdt] = network.tokens;

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await ReplayRpc.start();
  addGenesis(replay);
  for (const token of network.tokens) replay.decimals.set(token.contract, token.decimals);
});
afterEach(() => replay.close());

const identity = () => openChain(network, { url: replay.url }).identity(signal);

test('the chain of the row has no fault', async () => {
  const found = await identity();
  expect(found.tokens).toHaveLength(network.tokens.length);
  expect(identityFaults(found, network)).toEqual([]);
});

test('of a public network no first block is asked for: nodes that keep no history have none', async () => {
  replay.lie = ({ method, params }) =>
    method === 'eth_getBlockByNumber' && params[0] === '0x0'
      ? { error: { code: 4444, message: 'pruned history unavailable' } }
      : undefined;
  const found = await identity();
  expect([found.genesis, identityFaults(found, network)]).toEqual([null, []]);
  mine(replay, 3);
  const chain = openChain(network, { url: replay.url });
  const head = await chain.head(signal);
  const after = { height: 1, hash: replay.blocks.get(1)!.header.hash };
  const nothing = { tokens: network.tokens, recipients: [], native: [] };
  expect(await chain.read({ after, head, limit: 9 }, nothing, signal)).toMatchObject({
    ...{ kind: 'read', through: { height: 3 } },
  });
  const local = openChain({ ...network, onDemand: true }, { url: replay.url });
  await expect(local.identity(signal)).rejects.toMatchObject({ retryable: true });
  replay.lie = () => undefined;
  expect((await local.identity(signal)).genesis).toBe(madeHash('genesis'));
});

test('another chain behind the URL is one fault, in words', async () => {
  replay.chainId = 56;
  expect(identityFaults(await identity(), network)).toEqual([
    'the provider serves chain 56, ERC-20 is chain 1',
  ]);
});

test('a contract with other decimals is a fault', async () => {
  replay.decimals.set(usdt!.contract, 18);
  expect(identityFaults(await identity(), network)).toEqual([
    'USDT on ERC-20: the contract has 18 decimals, expected 6',
  ]);
});

test.each<[string, unknown]>([
  ['no code', '0x'],
  ['a number beyond a byte', `0x${'1'.padStart(62, '0')}00`],
  ['two words', `0x${'6'.padStart(128, '0')}`],
  ['no hex', 'six'],
  ['nothing', null],
])('%s where a token must be is a fault', async (_, result) => {
  replay.decimals.clear();
  replay.lie = call => (call.method === 'eth_call' ? { result } : undefined);
  expect(identityFaults(await identity(), network)).toEqual(
    network.tokens.map(({ asset, contract }) => `${asset} on ERC-20: no token contract at ${contract}`),
  );
});

test.each([['0x'], [null]])('%j of a contract that is there is no verdict: it was not run', async result => {
  replay.lie = call => (call.method === 'eth_call' ? { result } : undefined);
  await expect(identity()).rejects.toMatchObject({ name: 'ChainError', retryable: true });
  const error = { code: -32601, message: 'the method eth_getCode does not exist' };
  replay.lie = call =>
    call.method === 'eth_call' ? { result } : call.method === 'eth_getCode' ? { error } : undefined;
  expect((await identity()).tokens.map(token => token.decimals)).toEqual([null, null, null]);
});

test.each([
  [3, 'execution reverted'],
  [-32000, 'No contract or not a valid smart contract'],
  [-32000, 'REVERT opcode executed'],
])('a contract that refuses decimals() with %i %s is none', async (code, message) => {
  replay.lie = call => (call.method === 'eth_call' ? { error: { code, message } } : undefined);
  expect((await identity()).tokens.map(token => token.decimals)).toEqual([null, null, null]);
});

test('a failing provider is a failure and no verdict', async () => {
  const error = { code: -32005, message: 'rate limit exceeded' };
  replay.lie = call => (call.method === 'eth_call' ? { error } : undefined);
  await expect(identity()).rejects.toMatchObject({ retryable: true });
  replay.lie = call => (call.method === 'eth_chainId' ? { result: 'mainnet' } : undefined);
  await expect(identity()).rejects.toMatchObject({ retryable: true });
});

test('a token that the answer leaves out is a fault', async () => {
  const found = await identity();
  expect(identityFaults({ ...found, tokens: found.tokens.slice(1) }, network)).toHaveLength(1);
});
