import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { freePort } from './free-port.ts';
import { type LocalChain, startLocalChain } from './local-chain.ts';
import type { LocalKind } from './local-network.ts';
import { anvilsIn } from './orphan.ts';
import { payOnLocalChain } from './pay.ts';
import { rpc, rpcAccounts, rpcBlock, rpcHex, rpcNumber } from './rpc.ts';
import { deployToken } from './test-tokens.ts';

const host = '127.0.0.1';
const customer = `0x${'c0'.repeat(20)}`;
let dir: string;
let port: number;
const running: LocalChain[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'local-chain-'));
  port = await freePort(host, 10_000 + Math.floor(Math.random() * 22_000));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(chain => chain.stop()));
  await rm(dir, { recursive: true, force: true });
});

async function start(kind: LocalKind, more: { ephemeral?: boolean; mineEvery?: number | null } = {}) {
  const chain = await startLocalChain({
    kind,
    dir,
    port,
    log: createLogger('silent'),
    mineEvery: null,
    ...more,
  });
  running.push(chain);
  return chain;
}

const usdt = (chain: LocalChain) => chain.network.tokens[0]!.contract;
const call = (chain: LocalChain, to: string, data: string) =>
  rpcNumber(chain.rpcUrl, 'eth_call', { to, data }, 'latest');
const balance = (chain: LocalChain, token: string, of: string) =>
  call(chain, token, `0x70a08231${of.slice(2).padStart(64, '0')}`);
const pay = (chain: LocalChain, units: bigint) =>
  payOnLocalChain({ rpcUrl: chain.rpcUrl, token: usdt(chain), to: customer, units });
const genesis = async (chain: LocalChain) => (await rpcBlock(chain.rpcUrl, 0)).hash;
const portOf = (chain: LocalChain) => Number(new URL(chain.rpcUrl).port);

describe.each(['ERC-20', 'TRC-20'] as const)('a local %s chain', kind => {
  test('holds the test tokens, pays them, and leaves no process and no port behind', async () => {
    const chain = await start(kind);
    expect(chain).toMatchObject({
      found: 'created',
      report: 'created',
      network: { code: kind, blockTime: 1000 },
    });
    expect(await rpcNumber(chain.rpcUrl, 'eth_chainId')).toBe(chain.network.chainId);
    const accounts = await rpcAccounts(chain.rpcUrl);
    expect(accounts).toHaveLength(10);
    for (const { contract, decimals } of chain.network.tokens) {
      expect(await call(chain, contract, '0x313ce567')).toBe(decimals);
      expect(await balance(chain, contract, accounts[0])).toBe(1e18);
    }
    await pay(chain, 12_345_678n);
    expect(await balance(chain, usdt(chain), customer)).toBe(12_345_678);
    const nothing = { rpcUrl: chain.rpcUrl, token: usdt(chain), to: customer, units: 1n, from: accounts[1] };
    await expect(payOnLocalChain(nothing)).rejects.toThrow('reverted');

    const [anvil] = await anvilsIn(dir);
    expect(anvil).toBeGreaterThan(0);
    await Promise.all([chain.stop(), chain.stop()]);
    expect(await anvilsIn(dir)).toEqual([]);
    for (const used of [port, port + 1]) expect(await freePort(host, used)).toBe(used);
  });

  test('comes back after an orderly stop, tokens and all', async () => {
    const first = await start(kind);
    await pay(first, 5n);
    const before = await rpcBlock(first.rpcUrl, 'latest');
    const born = await genesis(first);
    await first.stop();
    const second = await start(kind);
    expect(second).toMatchObject({ found: 'restored', report: `restored at block ${before.height}` });
    expect(second.network).toEqual(first.network);
    expect(await rpcBlock(second.rpcUrl, 'latest')).toEqual(before);
    expect(await genesis(second)).toBe(born);
    await pay(second, 6n);
    expect(await balance(second, usdt(second), customer)).toBe(11);
    // Blocks of this run can be reorganised away, and nothing but them.
    await rpc(second.rpcUrl, 'anvil_reorg', 1, []);
    expect(await balance(second, usdt(second), customer)).toBe(5);
  });
});

describe('the folder of a chain', () => {
  test('without a readable state gives a new chain with another genesis, and says so', async () => {
    const first = await start('ERC-20');
    const born = await genesis(first);
    await first.stop();
    for (const file of ['state.json.gz', 'exit-state.json']) await truncate(join(dir, file), 500);
    const second = await start('ERC-20');
    expect(second.found).toBe('replaced');
    expect(second.report).toMatch(/^a new chain, because the old one was unusable \(.*json.*unpacked\)$/);
    expect(await genesis(second)).not.toBe(born);
    expect(await readdir(join(dir, 'unusable'))).toContain('state.json.gz');
    await pay(second, 1n);
    await second.stop();
    expect((await start('ERC-20')).found).toBe('restored');
  });

  test('with a state torn at exit gives the chain as it was last saved, and says so', async () => {
    const first = await start('ERC-20');
    await pay(first, 3n);
    const head = await rpcBlock(first.rpcUrl, 'latest');
    await first.stop();
    await truncate(join(dir, 'exit-state.json'), 500);
    const second = await start('ERC-20');
    expect(second.found).toBe('restored');
    expect(second.report).toMatch(
      /^restored at block \d+, from an earlier save \(the state written at exit: /,
    );
    expect(await rpcBlock(second.rpcUrl, 'latest')).toEqual(head);
    await expect(access(join(dir, 'exit-state.json'))).rejects.toThrow();
  });

  test('that has lost its state, or its name, gives a new chain and says so', async () => {
    await (await start('ERC-20')).stop();
    for (const file of ['state.json.gz', 'exit-state.json']) await rm(join(dir, file));
    const second = await start('ERC-20');
    expect(second.report).toContain('its saved state is missing');
    await second.stop();
    await rm(join(dir, 'chain.json'));
    const third = await start('ERC-20');
    expect(third.report).toContain('the file that says which chain it is cannot be read');
    expect(third.found).toBe('replaced');
  });

  test('of another chain is not passed off as this one', async () => {
    const tron = await start('TRC-20');
    await tron.stop();
    const ethereum = await start('ERC-20');
    expect(ethereum.found).toBe('replaced');
    expect(ethereum.report).toContain('a chain of TRC-20');
  });

  test('with a state that has another genesis than the one kept is not believed', async () => {
    const first = await start('ERC-20');
    await first.stop();
    const file = join(dir, 'chain.json');
    const identity = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...identity, genesis: `0x${'11'.repeat(32)}` }));
    const second = await start('ERC-20');
    expect(second.found).toBe('replaced');
    expect(second.report).toContain('genesis');
  });

  test('takes one keeper at a time', async () => {
    const chain = await start('ERC-20');
    await expect(start('ERC-20')).rejects.toThrow('already using');
    expect(await rpcNumber(chain.rpcUrl, 'eth_chainId')).toBe(31337);
  });

  test('of a passing chain is removed at the end; one with a kept chain is refused', async () => {
    const passing = await start('ERC-20', { ephemeral: true });
    await pay(passing, 1n);
    await passing.stop();
    await expect(access(dir)).rejects.toThrow();
    const kept = await start('ERC-20');
    await kept.stop();
    await expect(start('ERC-20', { ephemeral: true })).rejects.toThrow('holds a chain that is kept');
  });
});

test('anybody can put a second token of the same name beside the test tokens', async () => {
  const chain = await start('ERC-20', { ephemeral: true });
  const [, sender] = await rpcAccounts(chain.rpcUrl);
  const spoof = {
    sender: sender!,
    name: 'Test USDT',
    symbol: 'USDT',
    decimals: 6,
    supply: 9n,
    holder: customer,
  };
  const contract = await deployToken(chain.rpcUrl, spoof);
  expect(contract).not.toBe(usdt(chain));
  expect(await balance(chain, contract, customer)).toBe(9);
  expect(await balance(chain, usdt(chain), customer)).toBe(0);
});

test('a busy port gives the next one', async () => {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  for (const kind of ['ERC-20', 'TRC-20'] as const) {
    const chain = await start(kind);
    expect(portOf(chain)).toBeGreaterThan(port);
    await chain.stop();
  }
  server.close();
});

test('blocks carry real time, after a restart and after a burst as well', async () => {
  const first = await start('ERC-20');
  await first.stop();
  const second = await start('ERC-20');
  for (let i = 0; i < 20; i++) await pay(second, 1n);
  const earliest = Math.floor(Date.now() / 1000) - 1;
  await rpc(second.rpcUrl, 'evm_mine');
  const { time } = await rpcBlock(second.rpcUrl, 'latest');
  expect(time).toBeGreaterThanOrEqual(earliest);
  expect(time).toBeLessThanOrEqual(Date.now() / 1000 + 1);
});

test('a clock that was moved ahead stays ahead, so that no block is older than its parent', async () => {
  const first = await start('ERC-20');
  await rpc(first.rpcUrl, 'evm_increaseTime', 86_400);
  await rpc(first.rpcUrl, 'evm_mine');
  const ahead = (await rpcBlock(first.rpcUrl, 'latest')).time;
  await first.stop();
  const second = await start('ERC-20');
  await rpc(second.rpcUrl, 'evm_mine');
  expect((await rpcBlock(second.rpcUrl, 'latest')).time).toBeGreaterThanOrEqual(ahead);
});

test('the miner makes a payment final without anybody asking for blocks', async () => {
  const chain = await start('TRC-20', { mineEvery: 10 });
  const txId = await pay(chain, 1n);
  const receipt = await rpc(chain.rpcUrl, 'eth_getTransactionReceipt', txId);
  const paidAt = Number((receipt as { blockNumber: string }).blockNumber);
  const finalized = async () =>
    ((await rpc(chain.rpcUrl, 'eth_getBlockByNumber', 'finalized', false)) as { number: string }).number;
  await expect
    .poll(async () => Number(await finalized()), { timeout: 30_000 })
    .toBeGreaterThanOrEqual(paidAt);
  expect(await rpcHex(chain.rpcUrl, 'eth_blockNumber')).toMatch(/^0x/);
});
