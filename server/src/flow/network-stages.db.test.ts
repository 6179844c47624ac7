import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FakeChain, FakeProvider } from '../../../test/fake-chain.ts';
import { networks } from '../../../test/gateway.ts';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { Providers } from '../chains/failover.ts';
import { type Network, networks as publicNetworks } from '../domain/asset.ts';
import { createLogger } from '../lib/logger.ts';
import { openVault } from '../lib/vault.ts';
import { findCursor, noteCaughtUp, startCursor } from '../store/cursors.ts';
import { poolConfig, transact } from '../store/db.ts';
import { WakeListener } from '../store/wake.ts';
import { networkStages, turns } from './network-stages.ts';

let database: TestDatabase;
const listeners: WakeListener[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
});

afterAll(() => database.close());

function open(time: { now: number }) {
  const clock = { now: () => time.now };
  const listener = new WakeListener(poolConfig(database.connection, 1), () => undefined, clock);
  listeners.push(listener);
  const network = networks.get('ERC-20')!;
  return { listener, isOurs: turns({ db: database.db, clock, listener, network }) };
}

test('one reads a network, and another one stands in while that one stands still', async () => {
  const time = { now: Date.UTC(2026, 0, 1) };
  const [first, second] = [open(time), open(time)];
  expect([await first.isOurs(), await second.isOurs()]).toEqual([true, false]);
  const block = { height: 5, hash: '0x5', time: time.now };
  const start = { genesis: '0x0', block, final: 5, tip: 5 };
  await transact(database.db, tx => startCursor(tx, 'ERC-20', start, time.now));
  // The first is at work: the cursor does not move, but is touched.
  for (let round = 0; round < 10; round++) {
    time.now += 10_000;
    const cursor = await findCursor(database.db, 'ERC-20');
    await noteCaughtUp(database.db, cursor!, 5, time.now);
    expect(await second.isOurs()).toBe(false);
  }
  // It stands still, and keeps its lock.
  time.now += 60_000;
  expect(await second.isOurs()).toBe(false);
  time.now += 1;
  expect(await second.isOurs()).toBe(true);
  // What the second does itself is no sign of the first.
  time.now += 5 * 60_000;
  await noteCaughtUp(database.db, (await findCursor(database.db, 'ERC-20'))!, 6, time.now);
  expect(await second.isOurs()).toBe(true);
  // Both read for a while, then the cursor is looked at anew.
  time.now += 5 * 60_000;
  expect(await second.isOurs()).toBe(false);
  // One that has ended gives its lock away at once.
  await first.listener.close();
  while (!(await second.isOurs()));
});

test('a network has the stages that its settings ask for, and their pace', () => {
  const { listener } = open({ now: 0 });
  const { db } = database;
  const logger = createLogger('silent');
  const vault = openVault(Buffer.alloc(32, 7));
  const clock = { now: () => 0 };
  const stagesOf = (changes: Partial<Network>) => {
    const network = { ...publicNetworks['ERC-20'], ...changes };
    const providers = new Providers([new FakeProvider(new FakeChain(network, 0))]);
    const stages = networkStages({ db, vault, clock, logger, listener, network, providers });
    return stages.map(({ name, every }) => [name.replace(' ERC-20', ''), every]);
  };
  const always = [
    ['watch', 3000],
    ['providers', 5000],
    ['balances', 60_000],
  ];
  expect(stagesOf({})).toEqual([...always, ['recheck', 600_000]]);
  // A limit of nothing is one: every payment waits for a second word.
  expect(stagesOf({ agreeAbove: 0, recheckMinutes: 5 })).toEqual([
    ...always,
    ['agree', 5000],
    ['recheck', 300_000],
  ]);
  expect(stagesOf({ onDemand: true, agreeAbove: 5 })).toEqual([
    ['watch', 250],
    ['providers', 5000],
    ['balances', 1000],
  ]);
});
