/** A provider that lies or fails in every way we know, beside an honest one on a real chain: nothing lost, nothing forged. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ChainError } from '../../server/src/chains/chain.ts';
import { Providers } from '../../server/src/chains/failover.ts';
import { lasting } from '../../server/src/chains/provider-health.ts';
import { providerName } from '../../server/src/chains/provider-name.ts';
import { openChain } from '../../server/src/chains/registry.ts';
import { receiptOf } from '../../server/src/dev/rpc.ts';
import type { Network } from '../../server/src/domain/asset.ts';
import { match } from '../../server/src/flow/match.ts';
import { recheck } from '../../server/src/flow/recheck.ts';
import { type WatchDeps, watch } from '../../server/src/flow/watch.ts';
import type { Logger } from '../../server/src/lib/logger.ts';
import { findCursor } from '../../server/src/store/cursors.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { MINUTE, makeInvoice, makeMerchant, makeWallet, methodOf, type TestMerchant } from '../factories.ts';
import { failures, forged, inLogs, lies, type Raw } from '../lies.ts';
import { type Lie, LyingProvider } from '../lying-provider.ts';
import { useWorld } from '../use-world.ts';
import { bury, type LiveChain, mine, openLive, pay } from './live-chain.ts';

const world = useWorld();
const signal = new AbortController().signal;
let chain: LiveChain;
let liar: LyingProvider;
let network: Network;
let shop: TestMerchant;
let wallet: string;
let providers: Providers;
let said: string[];
let deps: WatchDeps;

beforeAll(async () => {
  chain = await openLive('ERC-20');
  liar = await LyingProvider.open(chain.rpcUrl);
  // Read as a public network is: more than one provider, and a tip that stands still is a fault.
  network = { ...chain.network, onDemand: false };
});
afterAll(async () => {
  await liar?.close();
  await chain?.stop();
});

beforeEach(async () => {
  liar.tell({});
  // What other tests paid is to lie below whatever this one reads, again and for the first time.
  await mine(chain, 4 * network.finality.depth);
  world.clock.time = Date.now();
  shop = await makeMerchant(world);
  wallet = (await makeWallet(world, shop, { network: 'ERC-20' })).key;
  const both = [{ url: liar.url }, { url: chain.rpcUrl }];
  providers = new Providers(
    both.map(provider => openChain(network, provider)),
    { names: both.map(providerName), clock: world.clock, blockTime: network.blockTime },
  );
  said = [];
  const say = (...line: unknown[]) =>
    said.push(JSON.stringify(line, (_, value) => (value instanceof Error ? value.message : value)));
  const logger = { ...world.logger, error: say, warn: say, info: say } as unknown as Logger;
  deps = { ...world, logger, network, providers };
  await readAll();
});

/** Ticks until the chain's tip was read, or as often as a stage would in a while; faults are met as the loop meets them. */
async function readAll(ticks = 12): Promise<void> {
  for (let i = 0; i < ticks; i++) {
    const moved = await watch(deps, signal).catch(error => {
      if (error instanceof ChainError) return -1;
      throw error;
    });
    if (moved === 0) return;
  }
}

const stored = () => world.db.selectFrom('transfers').selectAll().orderBy('id').execute();
const reason = () => lasting(providers.members[0]!.health, world.clock.now())?.reason;
/** One payment while the provider lies; afterwards it is in the table once, as it is on the chain. */
async function payWhile(lie: Lie): Promise<void> {
  // Whoever lies has to prove itself anew.
  world.clock.advance(11 * MINUTE);
  liar.tell(lie);
  const hash = await pay(chain, wallet, 5_000_001n);
  await readAll();
  expect(liar.asked).toBeGreaterThan(0);
  const { blockNumber } = await receiptOf(chain.rpcUrl, hash);
  const block = await openChain(network, { url: chain.rpcUrl }).block(blockNumber, signal);
  expect(await stored()).toMatchObject([
    {
      tx_id: hash,
      units: '5000001',
      to_key: wallet,
      height: blockNumber,
      block_hash: block?.hash,
      ordinal: 0,
    },
  ]);
  expect(await findViolations(world.db)).toEqual([]);
  expect(said.join()).not.toContain('a-secret-key');
}

describe('beside an honest provider, one that', () => {
  test.each(failures)('%s is passed over', async (name, lie) => {
    await payWhile(lie);
    expect(reason()).toBeUndefined();
    // One that is short of blocks may only be behind: another one is asked, and that is no fault.
    if (name !== 'has no block where its head has one')
      expect(providers.members[0]!.health.errors).toBeGreaterThan(0);
  });

  test.each(lies)('%s is quarantined', async (_, lie, expected) => {
    await payWhile(lie);
    expect(reason()).toContain(expected);
    const { asked } = liar;
    await pay(chain, wallet, 6n);
    await readAll();
    expect(liar.asked).toBe(asked);
    expect(await stored()).toHaveLength(2);
  });

  test('gives a log twice does no harm', async () => {
    await payWhile(inLogs(logs => [...logs, ...logs]));
    expect(reason()).toBeUndefined();
  });

  test('does not answer is passed over after ten seconds', async () => {
    await payWhile({ response: () => true });
    expect(reason()).toBeUndefined();
  });

  test('stands still is left for the other one', async () => {
    const stale = await fetch(chain.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'eth_getBlockByNumber',
        params: ['latest', false],
      }),
    }).then(response => response.json() as Promise<{ result: unknown }>);
    const lie: Lie = { answer: ({ params }) => (params[0] === 'latest' ? { result: stale.result } : null) };
    liar.tell(lie);
    // Blocks mined at once are dated ahead of time.
    world.clock.advance(60 * MINUTE);
    await pay(chain, wallet, 8n);
    // The first tick finds nothing new, and passes on.
    await readAll(1);
    await readAll();
    expect(await stored()).toHaveLength(1);
    await bury(chain);
    await providers.compare(signal);
    expect(providers.usable()[0]?.name).not.toBe(providers.members[0]!.name);
  });

  test('hides a payment in everything it says is found out by the second reading', async () => {
    const nothing: Lie = {
      answer: ({ method }, honest) => {
        if (method === 'eth_getLogs' || method === 'eth_getBlockReceipts') return { result: [] };
        if (method !== 'eth_getBlockByNumber' || !honest) return null;
        return { result: { ...(honest as Raw), logsBloom: `0x${'00'.repeat(256)}` } };
      },
    };
    liar.tell(nothing);
    const hash = await pay(chain, wallet, 9n);
    await bury(chain);
    await readAll();
    expect(await stored()).toEqual([]);
    while ((await recheck(deps, signal)) > 0);
    expect(await stored()).toMatchObject([{ tx_id: hash, units: '9', state: 'pending' }]);
    expect(await findCursor(world.db, 'ERC-20')).toMatchObject({ found_late: 1 });
    expect(said.join()).toContain('"alarm":"found_late"');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('forges a payment in everything it says is told by the second reading', async () => {
    const log = (block: string, number: string) => ({
      address: network.tokens[0]!.contract,
      topics: [
        '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
        `0x${'1'.padStart(64, '0')}`,
        `0x${wallet.slice(2).padStart(64, '0')}`,
      ],
      data: `0x${'5'.padStart(64, '0')}`,
      blockNumber: number,
      blockHash: block,
      transactionHash: forged,
      logIndex: '0x0',
    });
    await mine(chain, 1);
    const { height, hash } = (await openChain(network, { url: chain.rpcUrl }).head(signal)).tip;
    const number = `0x${height.toString(16)}`;
    liar.tell({
      answer: ({ method, params }, honest) => {
        const [asked] = params as [{ blockHash?: string }];
        if (method === 'eth_getLogs' && asked.blockHash === hash) return { result: [log(hash, number)] };
        if (method === 'eth_getTransactionReceipt')
          return { result: { transactionHash: forged, logs: [log(hash, number)] } };
        if (method !== 'eth_getBlockByNumber' || !honest) return null;
        return { result: { ...(honest as Raw), transactions: [forged], logsBloom: null } };
      },
    });
    await readAll();
    expect(await stored()).toMatchObject([{ tx_id: forged, units: '5' }]);
    await bury(chain);
    await readAll();
    while ((await recheck(deps, signal)) > 0);
    expect(said.join()).toContain('"alarm":"not_shown"');
  });

  test('tells another time of every block cannot keep a payment in time from its invoice', async () => {
    const later = (time: unknown) => `0x${(Number(time) + 3 * 3600).toString(16)}`;
    const invoice = await makeInvoice(world, shop, { network: 'ERC-20', amount: '12.50' });
    liar.tell({
      answer: ({ method }, honest) =>
        method === 'eth_getBlockByNumber' && honest
          ? { result: { ...(honest as Raw), timestamp: later((honest as Raw).timestamp) } }
          : null,
    });
    const hash = await pay(chain, wallet, methodOf(invoice).final.units);
    await bury(chain);
    await readAll();
    const judge = () => match({ ...world, networks: new Map([['ERC-20', network]]) });
    await judge();
    expect(await stored()).toMatchObject([{ tx_id: hash, state: 'unmatched' }]);
    while ((await recheck(deps, signal)) > 0);
    expect(said.join()).toContain('"alarm":"time_differs"');
    await judge();
    expect(await stored()).toMatchObject([{ tx_id: hash, state: 'matched', invoice_id: invoice.id }]);
    expect(await findViolations(world.db)).toEqual([]);
  });
});
