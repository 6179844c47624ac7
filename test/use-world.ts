/** For a test file that asks the database: one of its own, empty again before each test, with all that stands on it. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { makeWorld, type World } from './factories.ts';
import { type TestDatabase, testDatabase } from './pg.ts';

/** Called once at the top of a test file, before its own hooks. What it answers is filled anew before each test. */
export function useWorld(): World {
  const world = {} as World;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    await database.clear();
    Object.assign(world, makeWorld(database.db));
  });
  afterAll(() => database.close());
  return world;
}
