/** What the sweeper throws away, and what it must not. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HOUR, MINUTE, makeMerchant, makeWorld, SECOND, type World } from '../../../test/factories.ts';
import { type TestDatabase, testDatabase, warm } from '../../../test/pg.ts';
import { claimKeys, findKept, settleKeys } from '../store/idempotency.ts';
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
  const other = (await makeMerchant(world)).id;
  const alike = [merchantId, other].map(id => ({ merchantId: id, nonce: 'c' }));
  expect(await claimNonces(db, alike, clock.now())).toEqual([true, true]);
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

test('a claim that was taken over keeps nothing of the first one, which comes late', async () => {
  const { db, clock } = world;
  const [first, second] = [claim('a'), { ...claim('a'), bodyHash: Buffer.from('other') }];
  const answer = (body: string) => ({ status: 200, contentType: 'x', body });
  const late = async () => {
    await settleKeys(db, [{ claim: first, answer: answer('first') }]);
    await settleKeys(db, [{ claim: first, answer: null }]);
    return findKept(db, first, clock.now());
  };
  expect(await claimKeys(db, [first], clock.now())).toEqual([true]);
  clock.advance(MINUTE - 1);
  expect(await claimKeys(db, [second], clock.now())).toEqual([false]);
  clock.advance(1);
  expect(await claimKeys(db, [second], clock.now())).toEqual([true]);
  expect(await late()).toEqual({ bodyHash: second.bodyHash, answer: null });
  // Of the same body, the answer that was kept is the one to be repeated.
  await settleKeys(db, [{ claim: second, answer: answer('second') }]);
  await settleKeys(db, [{ claim: second, answer: answer('once more') }]);
  await settleKeys(db, [{ claim: second, answer: null }]);
  expect(await late()).toEqual({ bodyHash: second.bodyHash, answer: answer('second') });
});

test('batches that claim the same in another order do not wait for each other', async () => {
  const { db, clock } = world;
  const nonces = Array.from({ length: 200 }, (_, n) => ({ merchantId, nonce: `n${n}` }));
  const rounds = await Promise.all(
    Array.from({ length: 8 }, (_, n) => claimNonces(db, n % 2 ? nonces : nonces.toReversed(), clock.now())),
  );
  expect(rounds.flat().filter(Boolean)).toHaveLength(200);
});
