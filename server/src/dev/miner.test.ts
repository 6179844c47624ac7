import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { type LocalChain, startLocalChain } from './local-chain.ts';
import { Miner } from './miner.ts';
import { payOnLocalChain } from './pay.ts';
import { receiptOf, rpc, rpcAccounts, rpcBlock, rpcHex, rpcNumber } from './rpc.ts';

const depth = 12;
let chain: LocalChain;
beforeAll(async () => {
  chain = await startLocalChain({
    kind: 'ERC-20',
    dir: await mkdtemp(join(tmpdir(), 'miner-')),
    port: 10_000 + Math.floor(Math.random() * 22_000),
    ephemeral: true,
    mineEvery: null,
    log: createLogger('silent'),
  });
});
afterAll(() => chain?.stop());

const height = () => rpcNumber(chain.rpcUrl, 'eth_blockNumber');
const pay = () =>
  payOnLocalChain({
    rpcUrl: chain.rpcUrl,
    token: chain.network.tokens[0]!.contract,
    to: `0x${'77'.repeat(20)}`,
    units: 1n,
  });

/** Rounds until one mines nothing; returns how many did. */
async function untilIdle(miner: Miner): Promise<number> {
  for (let mined = 0; mined < 100; mined++) if (!(await miner.round())) return mined;
  throw new Error('the miner does not come to rest');
}

test('blocks follow a transaction until it is final, then the chain rests', async () => {
  const miner = new Miner({ url: chain.rpcUrl, depth });
  await untilIdle(miner);
  const { blockNumber } = await receiptOf(chain.rpcUrl, await pay());
  await untilIdle(miner);
  const rest = await height();
  expect(rest).toBeGreaterThanOrEqual(blockNumber + depth);
  expect(rest).toBeLessThanOrEqual(blockNumber + depth + 10);
  for (let i = 0; i < 5; i++) expect(await miner.round()).toBe(false);
  expect(await height()).toBe(rest);
});

test('a miner that starts anew goes on where the one before was', async () => {
  await untilIdle(new Miner({ url: chain.rpcUrl, depth }));
  await pay();
  expect(await new Miner({ url: chain.rpcUrl, depth }).round()).toBe(true);
  expect(await untilIdle(new Miner({ url: chain.rpcUrl, depth }))).toBeGreaterThanOrEqual(depth - 1);
  expect(await new Miner({ url: chain.rpcUrl, depth }).round()).toBe(false);
});

test('a passed deadline is followed by blocks until the final one is later', async () => {
  let deadline: number | null = null;
  const miner = new Miner({ url: chain.rpcUrl, depth, nextDeadline: async () => deadline });
  await untilIdle(miner);
  const head = await rpcBlock(chain.rpcUrl, 'latest');
  deadline = Date.now() + 3_600_000;
  expect(await miner.round()).toBe(false);
  deadline = head.time * 1000;
  await rpc(chain.rpcUrl, 'evm_increaseTime', 60);
  expect(await untilIdle(miner)).toBe(depth);
  const final = await rpcBlock(chain.rpcUrl, (await height()) - depth + 1);
  expect(final.time * 1000).toBeGreaterThan(deadline);
});

test('with automatic mining switched off nothing is mined behind the back of whoever did so', async () => {
  const miner = new Miner({ url: chain.rpcUrl, depth });
  await pay();
  const before = await height();
  await rpc(chain.rpcUrl, 'evm_setAutomine', false);
  const [from, to] = await rpcAccounts(chain.rpcUrl);
  const txId = await rpcHex(chain.rpcUrl, 'eth_sendTransaction', { from, to, value: '0x1' });
  expect(await miner.round()).toBe(false);
  expect(await height()).toBe(before);
  expect(await rpc(chain.rpcUrl, 'eth_getTransactionReceipt', txId)).toBeNull();
  await rpc(chain.rpcUrl, 'evm_mine');
  await rpc(chain.rpcUrl, 'evm_setAutomine', true);
  expect(await miner.round()).toBe(true);
});

test('a reorganisation that takes the transaction away ends the wait for it', async () => {
  const miner = new Miner({ url: chain.rpcUrl, depth });
  await untilIdle(miner);
  await pay();
  expect(await miner.round()).toBe(true);
  await rpc(chain.rpcUrl, 'anvil_reorg', 2, []);
  expect(await miner.round()).toBe(false);
});
