import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { networks } from '../../../test/gateway.ts';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { findCursor, noteCaughtUp, startCursor } from '../store/cursors.ts';
import { poolConfig, transact } from '../store/db.ts';
import { WakeListener } from '../store/wake.ts';
import { turns } from './network-stages.ts';

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
