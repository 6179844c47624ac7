/**
 * What 1,000 open payment pages cost one server while nothing happens to their invoices: with streams, and, as the baseline,
 * with each page asking for itself every four seconds. The pages' browsers are another process.
 */
import { spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { createInvoices } from '../../server/src/commands/create-invoice.ts';
import { TailMemory } from '../../server/src/commands/tail-memory.ts';
import { networks } from '../../server/src/domain/asset.ts';
import { parsePrice } from '../../server/src/domain/money.ts';
import { poolConfig } from '../../server/src/store/db.ts';
import type { Schema } from '../../server/src/store/schema.ts';
import { openApi } from '../e2e/api-server.ts';
import { type Ground, makeMerchant, makeWallet, onGround, pretendWatched, ratio, vault } from './ground.ts';

const PAGES = 1000;
const MILLISECONDS = 20_000;

export async function benchStreams(): Promise<void> {
  await onGround(async ground => {
    await pretendWatched(ground, 'ERC-20');
    const pageIds = await makePages(ground);
    console.log(`${PAGES} open pages on one server, nothing happening, ${MILLISECONDS / 1000} s`);
    // First, so that the process has no memory to spare: what it grew by is the streams'.
    const stream = await measure(ground, pageIds, 'stream');
    const poll = await measure(ground, pageIds, 'poll');
    const line = (name: string, of: (cost: Cost) => number, unit: string) =>
      console.log(
        `${name.padEnd(34)} asking ${of(poll).toFixed(2)} ${unit}, streams ${of(stream).toFixed(2)} ${unit} (${ratio(of(stream), of(poll))})`,
      );
    line('questions to the database', cost => cost.queries, '/s');
    line('time of one', cost => cost.each, 'ms');
    line('time in the database', cost => cost.busy, 'ms/s');
    line('processor of the server', cost => cost.cpu, 'ms/s');
    line('objects in memory for each page', cost => cost.heap, 'KiB');
    console.log(`resident memory for each stream: ${stream.resident.toFixed(1)} KiB`);
  });
}

/** Invoices whose payers have chosen, in the state in which pages are watched longest. */
async function makePages(ground: Ground): Promise<string[]> {
  const merchant = await makeMerchant(ground);
  for (let n = 1; n <= 4; n++) {
    const address = `0x${n.toString(16).padStart(40, '0')}`;
    await makeWallet(ground, { merchantId: merchant.id, address });
  }
  const known = new Map([['ERC-20' as const, networks['ERC-20']]]);
  const deps = {
    ...ground,
    vault,
    networks: known,
    memory: new TailMemory(),
    random: (n: number) => randomInt(n),
  };
  const pageIds = Array.from({ length: PAGES }, () => randomUUID());
  for (const [n, id] of pageIds.entries()) {
    const requested = parsePrice(`${10 + n}`);
    if (!requested.ok) throw new Error(requested.fault);
    const [made] = await createInvoices(deps, [
      {
        merchant: { id: merchant.id, compat: false, paymentMinutes: 90 },
        requested: requested.value,
        source: null,
        clientReferenceId: id,
        metadata: null,
        method: { network: 'ERC-20', asset: 'USDT' },
        page: { id, description: null, backUrl: null, cancelUrl: null, lang: null },
      },
    ]);
    if (!made?.ok) throw new Error(made?.fault);
  }
  return pageIds;
}

/** A second each, but `each` (ms a question), `heap` and `resident` (KiB a page). */
type Cost = { queries: number; each: number; busy: number; cpu: number; heap: number; resident: number };

async function measure(ground: Ground, pageIds: string[], kind: 'stream' | 'poll'): Promise<Cost> {
  const spent: number[] = [];
  const pool = new pg.Pool(poolConfig(ground.connection, 16));
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    log: ({ queryDurationMillis }) => {
      spent.push(queryDurationMillis);
    },
  });
  const api = await openApi({ ...ground, vault, close: async () => undefined }, { db });
  const before = settledMemory();
  const readers = await openReaders({ port: api.port, pageIds, kind });
  // The first answers, and the first round of the streams, are over.
  await pause(5000);
  const { rss, heapUsed } = settledMemory();
  spent.length = 0;
  const cpu = process.cpuUsage();
  await pause(MILLISECONDS);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = MILLISECONDS / 1000;
  const total = spent.reduce((sum, one) => sum + one, 0);
  const cost = {
    queries: spent.length / seconds,
    each: total / spent.length,
    busy: total / seconds,
    cpu: (user + system) / 1000 / seconds,
    heap: (heapUsed - before.heapUsed) / 1024 / PAGES,
    resident: (rss - before.rss) / 1024 / PAGES,
  };
  readers.kill();
  await once(readers, 'exit');
  await api.stop();
  await db.destroy();
  return cost;
}

async function openReaders(order: { port: number; pageIds: string[]; kind: string }) {
  const script = fileURLToPath(new URL('./stream-readers.ts', import.meta.url));
  const readers = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readers.stdin.write(`${JSON.stringify(order)}\n`);
  const ended = once(readers, 'exit').then(() => Promise.reject(new Error('the readers ended')));
  ended.catch(() => undefined);
  await Promise.race([once(readers.stdout, 'data'), ended]);
  return readers;
}

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** The process's memory, without what only waits to be collected. */
function settledMemory(): NodeJS.MemoryUsage {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage();
}
