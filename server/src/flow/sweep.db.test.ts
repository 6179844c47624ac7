/** What the sweeper throws away, and what it must not. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HOUR, MINUTE, makeMerchant, makeWorld, SECOND, type World } from '../../../test/factories.ts';
import { type TestDatabase, testDatabase, warm } from '../../../test/pg.ts';
import { claimKeys, settleKeys } from '../store/idempotency.ts';
import { claimNonces } from '../store/nonces.ts';
import { sweep } from './sweep.ts';

let database: TestDatabase;
let world: World;
let merchantId: number;

beforeAll(async () => {
  database = await testDatabase();
  await warm(database.db);
});

beforeEach(async () => {
  await database.clear();
  world = makeWorld(database.db);
  merchantId = (await makeMerchant(world)).id;
});

afterAll(() => database?.close());

const claim = (key: string) => ({
  merchantId,
  method: 'POST',
  path: '/p',
  key,
  bodyHash: Buffer.from('hash'),
});
const left = async () => {
  const { rows } = await sql<{ keys: number; nonces: number }>`
    select (select count(*)::int from idempotency_keys) as keys, (select count(*)::int from nonces) as nonces`.execute(
    world.db,
  );
  return rows[0];
};

test('answers are thrown away after a day, nonces after ten minutes, not before', async () => {
  const { db, clock } = world;
  await claimKeys(db, [claim('a'), claim('b')], clock.now());
  await settleKeys(db, [{ claim: claim('a'), answer: { status: 200, contentType: 'x', body: '{}' } }]);
  await claimNonces(db, [{ merchantId, nonce: 'n' }], clock.now());
  expect(await sweep(world)).toBe(0);
  clock.advance(10 * MINUTE + 30 * SECOND);
  expect(await sweep(world)).toBe(0);
  clock.advance(MINUTE);
  expect([await sweep(world), await left()]).toEqual([1, { keys: 2, nonces: 0 }]);
  clock.advance(24 * HOUR);
  expect([await sweep(world), await left(), await sweep(world)]).toEqual([2, { keys: 0, nonces: 0 }, 0]);
});

test('many are thrown away in bounded batches, by several sweepers at once', async () => {
  const { db, clock } = world;
  const nonces = Array.from({ length: 2500 }, (_, n) => ({ merchantId, nonce: `n${n}` }));
  expect(await claimNonces(db, nonces, clock.now())).toEqual(nonces.map(() => true));
  await claimKeys(
    db,
    nonces.map(({ nonce }) => claim(nonce)),
    clock.now(),
  );
  clock.advance(25 * HOUR);
  expect(await sweep(world)).toBe(2000);
  for (;;) {
    const moved = await Promise.all([sweep(world), sweep(world), sweep(world)]);
    for (const one of moved) expect(one).toBeLessThanOrEqual(2000);
    if (moved.every(one => one === 0)) break;
  }
  expect(await left()).toEqual({ keys: 0, nonces: 0 });
});

test('of equal nonces in one batch the first is free', async () => {
  const { db, clock } = world;
  const batch = ['a', 'b', 'a'].map(nonce => ({ merchantId, nonce }));
  expect(await claimNonces(db, batch, clock.now())).toEqual([true, true, false]);
  expect(await claimNonces(db, batch, clock.now())).toEqual([false, false, false]);
});

test('of equal keys in one batch the first is claimed, with its own body', async () => {
  const { db, clock } = world;
  const second = { ...claim('a'), bodyHash: Buffer.from('other') };
  expect(await claimKeys(db, [claim('a'), second, claim('b')], clock.now())).toEqual([true, false, true]);
  const rows = await db.selectFrom('idempotency_keys').select(['key', 'body_hash']).orderBy('key').execute();
  expect(rows.map(row => [row.key, row.body_hash.toString()])).toEqual([
    ['a', 'hash'],
    ['b', 'hash'],
  ]);
});

test('batches that claim the same in another order do not wait for each other', async () => {
  const { db, clock } = world;
  const nonces = Array.from({ length: 200 }, (_, n) => ({ merchantId, nonce: `n${n}` }));
  const rounds = await Promise.all(
    Array.from({ length: 8 }, (_, n) => claimNonces(db, n % 2 ? nonces : nonces.toReversed(), clock.now())),
  );
  expect(rounds.flat().filter(Boolean)).toHaveLength(200);
});
