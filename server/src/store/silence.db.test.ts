import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WireRelay } from '../../../test/fire/wire-relay.ts';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { until } from '../../../test/until.ts';
import { monotonicClock } from '../lib/clock.ts';
import { type Db, isUnavailable, openDb, poolConfig, transact } from './db.ts';
import { synchronize } from './db-clock.ts';
import { watched } from './silence.ts';
import { WakeListener } from './wake.ts';

const SILENCE = 300;
let database: TestDatabase;
let relay: WireRelay;
let db: Db;

const config = () => watched(poolConfig({ url: relay.url }, 1), SILENCE);

beforeEach(async () => {
  database = await testDatabase({ schema: false });
  relay = new WireRelay(() => database.connection);
  await relay.open();
  db = openDb(config(), () => undefined);
});

afterEach(async () => {
  await db.destroy();
  await relay.close();
  await database.close();
});

const errorOf = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

test('a query whose database has vanished fails, and the next one finds it where it is now', async () => {
  await sql`select 1`.execute(db);
  relay.swallow();
  expect(isUnavailable(await errorOf(sql`select 1`.execute(db)))).toBe(true);
  expect((await sql`select 2 as n`.execute(db)).rows).toEqual([{ n: 2 }]);
});

test('so does a transaction in the middle of it', async () => {
  const error = errorOf(
    transact(db, async tx => {
      await sql`select 1`.execute(tx);
      relay.swallow();
      await sql`select 2`.execute(tx);
    }),
  );
  expect(isUnavailable(await error)).toBe(true);
  expect((await sql`select 3 as n`.execute(db)).rows).toEqual([{ n: 3 }]);
});

test('a statement that takes long, or waits for a lock, is not cut off', async () => {
  await sql`create table things (n int)`.execute(db);
  await sql`select pg_sleep(${(SILENCE * 5) / 1000})`.execute(db);
  const holder = await database.db.startTransaction().execute();
  await sql`lock table things`.execute(holder);
  const waiting = sql`select count(*) as n from things`.execute(db);
  await sql`select pg_sleep(${(SILENCE * 5) / 1000})`.execute(database.db);
  await holder.commit().execute();
  expect((await waiting).rows).toEqual([{ n: 0 }]);
});

test('a connection that nobody asks anything is left alone', async () => {
  const { rows } = await sql`select pg_backend_pid() as pid`.execute(db);
  await sql`select pg_sleep(${(SILENCE * 3) / 1000})`.execute(database.db);
  expect((await sql`select pg_backend_pid() as pid`.execute(db)).rows).toEqual(rows);
});

test('closing does not wait for a database that has vanished', async () => {
  const one = openDb(config(), () => undefined);
  await sql`select 1`.execute(one);
  relay.swallow();
  await one.destroy();
});

test('the listener finds its database again', async () => {
  const clock = monotonicClock();
  await synchronize(database.db, clock);
  const listener = new WakeListener(config(), () => undefined, clock);
  expect(await listener.tryLock('a')).toBe(true);
  relay.swallow();
  await errorOf(listener.tryLock('b'));
  await until(() => listener.tryLock('b').catch(() => false), { timeout: 20_000, interval: 20 });
  await listener.close();
});
