/**
 * Every network's row on one live chain that takes on its traits: chain id, tokens with their decimals, how its blocks
 * become final, how often they come. The law of chains itself is kept in chains.live.test.ts.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identityFaults } from '../server/src/chains/identity.ts';
import { families, openChain } from '../server/src/chains/registry.ts';
import { startLocalChain } from '../server/src/dev/local-chain.ts';
import { payOnLocalChain } from '../server/src/dev/pay.ts';
import { receiptOf, rpc, rpcAccounts, rpcBlock, rpcHex } from '../server/src/dev/rpc.ts';
import { type Network, networks } from '../server/src/domain/asset.ts';
import { createLogger } from '../server/src/lib/logger.ts';
import { emitData, eventEmitterCode } from './event-emitter-code.ts';
import { type Lie, LyingProvider } from './lying-provider.ts';

const signal = new AbortController().signal;
const shop = '0x0000000000000000000000000000000000a00001';
const closers: (() => Promise<unknown>)[] = [];
let url = '';
let face: LyingProvider;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chain-traits-'));
  const port = randomInt(10_000, 32_000);
  const log = createLogger('silent');
  const chain = await startLocalChain({ kind: 'ERC-20', dir, port, ephemeral: true, log, mineEvery: null });
  closers.push(() => chain.stop());
  url = chain.rpcUrl;
  face = await LyingProvider.open(url);
  closers.push(() => face.close());
  // A fast chain: several blocks with one and the same second.
  await rpc(url, 'anvil_setBlockTimestampInterval', 0).catch(() => null);
});
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

/** The chain as a provider of this network shows it. */
const as = ({ chainId }: Network, more: Lie['answer'] = () => null) =>
  face.tell({
    answer: (call, honest) =>
      call.method === 'eth_chainId' ? { result: `0x${chainId.toString(16)}` } : more(call, honest),
  });

describe.each(Object.values(networks).filter(({ family }) => family === 'evm'))('$code', network => {
  test('its tokens and its own coin are found, as its blocks become final', async () => {
    as(network);
    for (const { contract, decimals } of network.tokens)
      await rpc(url, 'anvil_setCode', contract, eventEmitterCode(decimals));
    const chain = openChain(network, { url: face.url });
    expect(identityFaults(await chain.identity(signal), network)).toEqual([]);
    const after = await rpcBlock(url, 'latest');
    const [payer = ''] = await rpcAccounts(url);
    const expected: [string, bigint][] = [];
    for (const { asset, contract, decimals } of network.tokens) {
      const units = 12n * 10n ** BigInt(decimals) + 1n;
      const data = emitData([{ kind: 'erc20', from: payer, to: shop, value: units }]);
      const sent = { from: payer, to: contract, data, gas: '0x100000' };
      await receiptOf(url, await rpcHex(url, 'eth_sendTransaction', sent));
      expected.push([asset, units]);
    }
    const own = 3n * 10n ** 15n + 1n;
    const hash = await payOnLocalChain({ rpcUrl: url, token: null, to: shop, units: own });
    expected.push([network.native.asset, own]);
    // Depths of 200 and more come from the mining of empty blocks.
    await rpc(url, 'anvil_mine', `0x${Math.min(network.finality.depth, 80).toString(16)}`);
    const head = await chain.head(signal);
    const { height: finalized } = await rpcBlock(url, 'finalized' as 'latest');
    const byDepth = head.tip.height - (network.finality.depth - 1);
    expect(head.final).toBe(network.finality.by === 'tag' ? finalized : Math.max(-1, byDepth));
    const watched = { tokens: network.tokens, recipients: [shop], native: [shop] };
    for (const final of [-1, head.tip.height]) {
      const reading = await chain.read({ after, head: { ...head, final }, limit: 50 }, watched, signal);
      if (reading.kind !== 'read') throw new Error('diverged');
      expect(reading.transfers.map(({ asset, units }) => [asset, units])).toEqual(expected);
    }
    expect(await chain.transaction(hash, signal)).toMatchObject({
      kind: 'found',
      transfers: [{ units: own }],
    });
    const parsed = families.evm.parseAddress(shop);
    const at = await chain.block(Math.max(head.final, head.tip.height - 20), signal);
    const held = await chain.balance(parsed.ok ? parsed.value.key : '', at!, signal);
    expect(held?.units).toBeGreaterThanOrEqual(own);
  });

  test('a provider that knows no tag but the newest counts its blocks', async () => {
    as(network, ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] === 'finalized' ? { error: tagRefused } : null,
    );
    const { tip, final } = await openChain(network, { url: face.url }).head(signal);
    expect(final).toBe(Math.max(-1, tip.height - (network.finality.depth - 1)));
  });
});

const tagRefused = { code: -32602, message: 'invalid argument 0: tag finalized is not supported' };

test('no network asks for the block that is safe, of which providers have no common idea', async () => {
  const asked: unknown[] = [];
  for (const network of Object.values(networks).filter(({ family }) => family === 'evm')) {
    as(network, ({ params }) => {
      asked.push(...params);
      return null;
    });
    await openChain(network, { url: face.url }).head(signal);
  }
  expect(asked).toContain('latest');
  expect(asked).not.toContain('safe');
});
