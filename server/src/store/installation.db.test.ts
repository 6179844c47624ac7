import { describe, expect, test } from 'vitest';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { monotonicClock } from '../lib/clock.ts';
import { openVault } from '../lib/vault.ts';
import { synchronize } from './db-clock.ts';
import { checkMasterKey, opensCanary } from './installation.ts';

const world = useWorld();
const stranger = openVault(Buffer.alloc(32, 9));

describe('the master key', () => {
  test('is the one of the first start, for ever', async () => {
    const { db, vault, clock } = world;
    expect(await opensCanary(db, vault)).toBe(false);
    await checkMasterKey(db, vault, clock.now());
    await checkMasterKey(db, vault, clock.now());
    await expect(checkMasterKey(db, stranger, clock.now())).rejects.toThrow(
      'not the one this database was made with',
    );
    expect(await opensCanary(db, vault)).toBe(true);
    expect(await opensCanary(db, stranger)).toBe(false);
  });

  test('of two processes that start at once for the first time is that of one of them', async () => {
    const { db, vault, clock } = world;
    await warm(db);
    const started = await Promise.allSettled(
      [vault, stranger].map(one => checkMasterKey(db, one, clock.now())),
    );
    expect(started.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

test('the clock shows the time of the database, whatever this machine thinks', async () => {
  const clock = monotonicClock();
  clock.set(0);
  const { rows } = await world.db.executeQuery<{ now: number }>(
    world.db.selectNoFrom(eb => eb.fn<number>('clock_timestamp').as('now')).compile(),
  );
  await synchronize(world.db, clock);
  const behind = clock.now() - rows[0]!.now;
  expect(behind).toBeGreaterThanOrEqual(-1);
  expect(behind).toBeLessThan(600_000);
});
