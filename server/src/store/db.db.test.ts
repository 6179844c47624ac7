import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeMerchant, makeUser, makeWorld } from '../../../test/factories.ts';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { type Db, isUnavailable, openDb, poolConfig, transact } from './db.ts';

let database: TestDatabase;
let db: Db;
const opened: Db[] = [];

beforeAll(async () => {
  database = await testDatabase();
  db = database.db;
});

beforeEach(() => database.clear());

afterEach(async () => {
  for (const one of opened.splice(0)) await one.destroy();
});

afterAll(() => database.close());

/** A pool of one connection with settings of its own. */
function open(options: string, onIdleError: (error: Error) => void = () => undefined): Db {
  const one = openDb({ ...poolConfig(database.connection, 1), options }, onIdleError);
  opened.push(one);
  return one;
}

async function select<T>(expression: string, from: Db = db): Promise<T> {
  const { rows } = await sql<{ value: T }>`select ${sql.raw(expression)} as value`.execute(from);
  return rows[0]!.value;
}

describe('a bigint of the database', () => {
  test('is a number as far as numbers are exact', async () => {
    expect(await select('9007199254740991::bigint')).toBe(Number.MAX_SAFE_INTEGER);
    expect(await select('(-9007199254740991)::bigint')).toBe(-Number.MAX_SAFE_INTEGER);
    expect(await select('count(*)')).toBe(1);
  });

  test('beyond that is an error, not another number', async () => {
    await expect(select('9007199254740992::bigint')).rejects.toThrow('outside the safe integers');
  });
});

test('a transaction that stands still is ended by PostgreSQL after a minute', async () => {
  const own = open('');
  expect(await select(`current_setting('idle_in_transaction_session_timeout')`, own)).toBe('1min');
});

describe('a time of the database', () => {
  const moments = [
    0,
    Date.UTC(2026, 0, 1),
    Date.UTC(2026, 6, 15, 12, 30, 45, 123),
    Date.UTC(2026, 9, 25, 0, 30),
  ];
  const zones = [
    'UTC',
    'Asia/Kolkata',
    'Asia/Kathmandu',
    'America/St_Johns',
    'Europe/Berlin',
    'Pacific/Chatham',
  ];
  const ours = process.env.TZ;

  afterEach(() => {
    if (ours === undefined) delete process.env.TZ;
    else process.env.TZ = ours;
  });

  test.each(zones)('is read and written as milliseconds by a server and a process in %s', async zone => {
    const there = open(`-c TimeZone=${zone}`);
    process.env.TZ = zone;
    for (const moment of moments) {
      const { rows } = await sql<{ read: number; exact: string }>`
        select ${new Date(moment)}::timestamptz as read,
               round(extract(epoch from ${new Date(moment)}::timestamptz) * 1000)::text as exact`.execute(
        there,
      );
      expect(rows[0]).toEqual({ read: moment, exact: moment.toString() });
    }
  });

  test('in arrays is the same moment too', async () => {
    const there = open('-c TimeZone=Asia/Kolkata');
    process.env.TZ = 'America/St_Johns';
    const { rows } = await sql<{ at: number }>`
      select at from unnest(${moments.map(moment => new Date(moment))}::timestamptz[]) as t (at)`.execute(
      there,
    );
    expect(rows.map(row => row.at)).toEqual(moments);
  });

  test('in a style that can be misread is an error', async () => {
    for (const style of ['German', 'SQL,DMY', 'Postgres,MDY']) {
      await expect(
        select("'2026-02-01 00:00:00+00'::timestamptz", open(`-c DateStyle=${style}`)),
      ).rejects.toThrow('DateStyle');
    }
  });

  test('that is no moment is an error', async () => {
    await expect(select("'infinity'::timestamptz")).rejects.toThrow('cannot be read: infinity');
  });
});

describe('a numeric of the database', () => {
  const largest = '9'.repeat(78);

  test('keeps all of its 78 digits both ways', async () => {
    for (const units of [largest, '1', (2n ** 256n - 1n).toString()]) {
      const { rows } = await sql<{ text: string; big: string }>`
        select ${units}::numeric(78, 0) as text, ${BigInt(units)}::numeric(78, 0) as big`.execute(db);
      expect(rows[0]).toEqual({ text: units, big: units });
    }
  });

  test('keeps them in arrays', async () => {
    const { rows } = await sql<{ units: string }>`
      select units from unnest(${[BigInt(largest), 7n]}::numeric[]) as t (units)`.execute(db);
    expect(rows.map(row => row.units)).toEqual([largest, '7']);
  });
});

describe('a transaction', () => {
  test('is run again after a deadlock, so that both sides come through', async () => {
    const world = makeWorld(db);
    const users = [await makeUser(world), await makeUser(world)];
    const tries = [0, 0];
    let waiting = 0;
    let bothHold: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      bothHold = resolve;
    });
    const lockBoth = (side: number, ids: number[]) =>
      transact(db, async tx => {
        const attempt = ++tries[side]!;
        for (const id of ids) {
          await tx.updateTable('users').set({ status: 'Blocked' }).where('id', '=', id).execute();
          if (attempt === 1 && ++waiting === 2) bothHold();
          if (attempt === 1) await held;
        }
        return side;
      });
    expect(await Promise.all([lockBoth(0, users), lockBoth(1, users.toReversed())])).toEqual([0, 1]);
    // On a slow machine they may meet more than once; one that never met the other would have tried once only.
    expect(Math.max(...tries)).toBeGreaterThan(1);
  });

  test('is given up after five tries', async () => {
    let tries = 0;
    const work = transact(db, async tx => {
      tries++;
      await sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`.execute(tx);
    });
    await expect(work).rejects.toThrow('again');
    expect(tries).toBe(5);
  });

  test('that fails for another reason is not run again, and leaves nothing', async () => {
    const world = makeWorld(db);
    let tries = 0;
    const work = transact(db, async tx => {
      tries++;
      await tx.insertInto('watch_sets').values({ network: 'TRC-20', version: 1 }).execute();
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(tries).toBe(1);
    expect(await db.selectFrom('watch_sets').selectAll().execute()).toEqual([]);
    expect((await makeMerchant(world)).id).toBe(1);
  });
});

describe('whether the database is out of reach', () => {
  const errorOf = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

  test('shows in the error of a broken connection', async () => {
    const one = open('');
    const pid = await select<number>('pg_backend_pid()', one);
    const broken = errorOf(select('pg_sleep(60) is null', one));
    await until(
      async () =>
        (await select(`exists(select from pg_stat_activity where pid = ${pid} and state = 'active')`)) ===
        true,
    );
    await select(`pg_terminate_backend(${pid})`);
    expect(isUnavailable(await broken)).toBe(true);
  });

  test('shows in the error of a connection that cannot be made', async () => {
    const nobody = openDb(poolConfig({ ...database.connection, host: '/nonexistent' }, 1), () => undefined);
    opened.push(nobody);
    expect(isUnavailable(await errorOf(select('1', nobody)))).toBe(true);
    const refused = openDb(
      poolConfig({ ...database.connection, host: '127.0.0.1', port: 1 }, 1),
      () => undefined,
    );
    opened.push(refused);
    expect(isUnavailable(await errorOf(select('1', refused)))).toBe(true);
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ECONNRESET'])(
    'shows in %s, of a host that is not there yet or no more',
    code => {
      expect(isUnavailable(Object.assign(new Error('connect'), { code }))).toBe(true);
    },
  );

  test('shows in the error of a name that nobody knows', async () => {
    const nowhere = openDb(poolConfig({ ...database.connection, host: 'db.invalid' }, 1), () => undefined);
    opened.push(nowhere);
    expect(isUnavailable(await errorOf(select('1', nowhere)))).toBe(true);
  });

  test('does not show in the error of a wrong statement', async () => {
    expect(isUnavailable(await errorOf(select('1/0')))).toBe(false);
    expect(isUnavailable(await errorOf(select('no_such_column')))).toBe(false);
    expect(isUnavailable(new Error('a bug'))).toBe(false);
  });
});

test('an idle connection that breaks is told of, and the next query opens another', async () => {
  let tell: (error: Error) => void = () => undefined;
  const told = new Promise<Error>(resolve => {
    tell = resolve;
  });
  const one = open('', error => tell(error));
  const pid = await select<number>('pg_backend_pid()', one);
  await select(`pg_terminate_backend(${pid})`);
  expect(isUnavailable(await told)).toBe(true);
  expect(await select('pg_backend_pid()', one)).not.toBe(pid);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setImmediate(resolve));
}
