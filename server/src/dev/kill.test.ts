import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { freePort } from './free-port.ts';
import { type LocalChain, startLocalChain } from './local-chain.ts';
import { localNetworks } from './local-network.ts';
import { anvilsIn, endOrphans } from './orphan.ts';
import { payOnLocalChain } from './pay.ts';
import { rpcBlock } from './rpc.ts';

const log = createLogger('silent');
let dir: string;
let port: number;
let owner: ChildProcess | null = null;
let restored: LocalChain | null = null;

function killOwner(): void {
  if (owner?.pid && owner.exitCode === null && owner.signalCode === null) process.kill(-owner.pid, 'SIGKILL');
}
process.on('exit', killOwner);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chain-kill-'));
  port = await freePort('127.0.0.1', 10_000 + Math.floor(Math.random() * 22_000));
});
afterEach(async () => {
  killOwner();
  await restored?.stop();
  await endOrphans(dir);
  await rm(dir, { recursive: true, force: true });
});

/** Starts a chain in a process group of its own and returns its address. */
async function startElsewhere(): Promise<string> {
  const module = new URL('./local-chain.ts', import.meta.url).href;
  const loggerModule = new URL('../lib/logger.ts', import.meta.url).href;
  const code = `
    import { startLocalChain } from ${JSON.stringify(module)};
    import { createLogger } from ${JSON.stringify(loggerModule)};
    const log = createLogger('silent');
    const chain = await startLocalChain({ kind: 'ERC-20', dir: ${JSON.stringify(dir)}, port: ${port}, log, mineEvery: null });
    console.log(chain.rpcUrl);`;
  owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(owner.stdout!, 'data');
  return String(line).trim();
}

const pay = (rpcUrl: string) =>
  payOnLocalChain({
    rpcUrl,
    token: localNetworks['ERC-20'].tokens[0]!.contract,
    to: `0x${'99'.repeat(20)}`,
    units: 1n,
  });

async function restart(): Promise<LocalChain> {
  restored = await startLocalChain({ kind: 'ERC-20', dir, port, log, mineEvery: null });
  return restored;
}

test('kill -9 of the owner and its group leaves no anvil behind and loses no block', async () => {
  const url = await startElsewhere();
  for (let i = 0; i < 20; i++) await pay(url);
  const head = await rpcBlock(url, 'latest');
  killOwner();
  await expect.poll(() => anvilsIn(dir), { timeout: 20_000 }).toEqual([]);
  expect(await freePort('127.0.0.1', port)).toBe(port);
  const chain = await restart();
  expect(chain.report).toBe(`restored at block ${head.height}`);
  expect(await rpcBlock(chain.rpcUrl, 'latest')).toEqual(head);
});

test('kill -9 of anvil as well brings the chain back as it was last saved', async () => {
  const url = await startElsewhere();
  await pay(url);
  const head = await rpcBlock(url, 'latest');
  await expect.poll(savedHeight, { timeout: 20_000 }).toBe(head.height);
  for (const pid of await anvilsIn(dir)) process.kill(pid, 'SIGKILL');
  killOwner();
  const chain = await restart();
  expect(chain.report).toBe(`restored at block ${head.height}`);
  expect(await rpcBlock(chain.rpcUrl, 'latest')).toEqual(head);
});

test('a restart right after the kill does not stumble over the anvil that is still there', async () => {
  const url = await startElsewhere();
  await pay(url);
  const head = await rpcBlock(url, 'latest');
  killOwner();
  const chain = await restart();
  expect(await rpcBlock(chain.rpcUrl, 'latest')).toEqual(head);
});

async function savedHeight(): Promise<number | null> {
  const state = JSON.parse(gunzipSync(await readFile(join(dir, 'state.json.gz'))).toString('utf8'));
  return Number(state.best_block_number);
}
