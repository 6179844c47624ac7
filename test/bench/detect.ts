/**
 * From the block that makes a transfer final to the webhook, through the whole gateway on a local chain. Baseline: a bare
 * watcher that asks the same node as often, reads the logs and posts at once, without a database. Then the RPC calls a
 * block costs, with few and with many invoices open.
 */

import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { createInvoices } from '../../server/src/commands/create-invoice.ts';
import { TailMemory } from '../../server/src/commands/tail-memory.ts';
import { startLocalChain } from '../../server/src/dev/local-chain.ts';
import { payOnLocalChain } from '../../server/src/dev/pay.ts';
import { rpc } from '../../server/src/dev/rpc.ts';
import type { Network, NetworkCode } from '../../server/src/domain/asset.ts';
import { startGateway } from '../../server/src/main.ts';
import {
  type Ground,
  logger,
  loopback,
  type Merchant,
  makeMerchant,
  makeWallet,
  onGround,
  openSink,
  percentile,
  ratio,
  type Sink,
  vault,
} from './ground.ts';

const PAYMENTS = 40;
const POLL = 250;
const ADDRESS = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';

export async function benchDetect(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-bench-chain-'));
  const chain = await startLocalChain({
    kind: 'ERC-20',
    dir,
    port: 20_000 + randomInt(5000),
    ephemeral: true,
    log: logger,
    mineEvery: null,
  });
  try {
    await onGround(ground => measure(ground, chain.network, chain.rpcUrl));
  } finally {
    await chain.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(ground: Ground, network: Network, nodeUrl: string): Promise<void> {
  const sink = await openSink();
  const merchant = await makeMerchant(ground, sink.url);
  await makeWallet(ground, { merchantId: merchant.id, address: ADDRESS, network });
  const counter = await openCounter(nodeUrl);
  const gateway = await startGateway({
    connection: ground.connection,
    vault,
    logger,
    host: '127.0.0.1',
    port: 0,
    networks: [{ network, providers: [{ url: counter.url }] }],
    roles: ['api', 'watch', 'settle', 'dispatch'],
    webhookAllow: loopback,
    baseUrl: null,
    limits: null,
    rates: { quorum: 2, sources: [] },
    trustedProxies: [],
  });
  try {
    const place = { ground, merchant, network, nodeUrl, sink };
    await untilWatched(ground);
    const bare = await bareWatcher(place);
    const few = await gatewayTimes(place);
    const callsFew = await callsPerBlock(counter, nodeUrl);
    await openMany(place, 10_000);
    const many = await gatewayTimes(place);
    const callsMany = await callsPerBlock(counter, nodeUrl);
    console.log(`final block to webhook, ${PAYMENTS} payments each, polling every ${POLL} ms`);
    console.log(`  bare watcher, no database      ${show(bare)}`);
    console.log(
      `  gateway, few invoices open     ${show(few)}  (${ratio(percentile(few, 0.5), percentile(bare, 0.5))})`,
    );
    console.log(
      `  gateway, 10,000 invoices open  ${show(many)}  (${ratio(percentile(many, 0.5), percentile(bare, 0.5))})`,
    );
    console.log(
      `RPC calls for a new block: ${callsFew.toFixed(1)} with few, ${callsMany.toFixed(1)} with 10,000 invoices open`,
    );
  } finally {
    await gateway.stop();
    await counter.close();
    await sink.close();
  }
}

type Place = { ground: Ground; merchant: Merchant; network: Network; nodeUrl: string; sink: Sink };

function show(times: readonly number[]): string {
  return `p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms`;
}

async function untilWatched({ db }: Ground): Promise<void> {
  while ((await db.selectFrom('cursors').select('network').execute()).length === 0) await pause(20);
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Pays one invoice after the other and measures from the block that makes the payment final to the sink. */
async function gatewayTimes(place: Place): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < PAYMENTS; n++) {
    const units = await create(place);
    await payOnLocalChain({
      rpcUrl: place.nodeUrl,
      token: place.network.tokens[0]?.contract ?? '',
      to: ADDRESS,
      units,
    });
    await rpc(place.nodeUrl, 'anvil_mine', `0x${(place.network.finality.depth - 2).toString(16)}`);
    // The payment is seen by now or in a moment; what is measured begins with the last block.
    await pause(POLL + randomInt(POLL));
    const before = place.sink.received.length;
    const final = performance.now();
    await rpc(place.nodeUrl, 'evm_mine');
    while (place.sink.received.length === before) await pause(2);
    times.push((place.sink.received.at(-1)?.at ?? final) - final);
  }
  return times;
}

const memory = new TailMemory();
let made = 0;

async function create({ ground, merchant, network }: Place, count = 1): Promise<bigint> {
  const deps = {
    ...ground,
    vault,
    memory,
    networks: new Map<NetworkCode, Network>([[network.code, network]]),
    random: (n: number) => randomInt(n),
  };
  const answers = await createInvoices(
    deps,
    Array.from({ length: count }, () => ({
      merchant: { id: merchant.id, compat: false, paymentMinutes: 90 },
      requested: { units: BigInt(1 + randomInt(5000)) * 100_000_000n, scale: 8 },
      clientReferenceId: `d-${made++}`,
      metadata: null,
      source: null,
      method: { network: network.code, asset: 'USDT' as const },
      page: null,
    })),
  );
  const [first] = answers;
  if (!first?.ok || !first.value.method) throw new Error('refused');
  return first.value.method.final.units;
}

async function openMany(place: Place, count: number): Promise<void> {
  for (let n = 0; n < count; n += 100) await create(place, 100);
}

/** The floor: asks for the head, reads the logs of the block that became final, posts. */
async function bareWatcher(place: Place): Promise<number[]> {
  const { nodeUrl, network, sink } = place;
  const depth = network.finality.depth;
  let seen = Number(await rpc(nodeUrl, 'eth_blockNumber'));
  let running = true;
  const loop = (async () => {
    while (running) {
      const head = Number(await rpc(nodeUrl, 'eth_blockNumber'));
      for (; seen < head; seen++) {
        const block = `0x${Math.max(0, seen + 1 - (depth - 1)).toString(16)}`;
        const logs = (await rpc(nodeUrl, 'eth_getLogs', {
          fromBlock: block,
          toBlock: block,
          address: network.tokens[0]?.contract,
        })) as unknown[];
        for (const log of logs) {
          const answer = await request(sink.url, { method: 'POST', body: JSON.stringify(log) });
          await answer.body.text();
        }
      }
      await pause(POLL);
    }
  })();
  const times: number[] = [];
  for (let n = 0; n < PAYMENTS; n++) {
    // An amount of no invoice: the gateway stores it as unmatched and sends nothing.
    await payOnLocalChain({
      rpcUrl: nodeUrl,
      token: network.tokens[0]?.contract ?? '',
      to: ADDRESS,
      units: 1n,
    });
    await rpc(nodeUrl, 'anvil_mine', `0x${(depth - 2).toString(16)}`);
    await pause(POLL + randomInt(POLL));
    const before = sink.received.length;
    const final = performance.now();
    await rpc(nodeUrl, 'evm_mine');
    while (sink.received.length === before) await pause(2);
    times.push((sink.received.at(-1)?.at ?? final) - final);
  }
  running = false;
  await loop;
  return times;
}

/** Passes RPC calls on and counts those that are not the idle question for the head. */
async function openCounter(nodeUrl: string) {
  let calls = 0;
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    incoming.on('end', async () => {
      const parsed = JSON.parse(body) as
        | { method: string; params?: unknown[] }
        | { method: string; params?: unknown[] }[];
      calls += [parsed].flat().filter(call => !isHeadQuestion(call)).length;
      const answer = await request(nodeUrl, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      outgoing
        .writeHead(answer.statusCode, { 'content-type': 'application/json' })
        .end(await answer.body.text());
    });
  });
  const port = 26_000 + randomInt(5000);
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/`, count: () => calls, close };
}

function isHeadQuestion({ method, params }: { method: string; params?: unknown[] }): boolean {
  return method === 'eth_getBlockByNumber' && params?.[0] === 'latest';
}

async function callsPerBlock(counter: { count(): number }, nodeUrl: string): Promise<number> {
  const blocks = 20;
  const before = counter.count();
  for (let n = 0; n < blocks; n++) {
    await rpc(nodeUrl, 'evm_mine');
    await pause(POLL * 1.2);
  }
  return (counter.count() - before) / blocks;
}
