import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { poolConfig, transact } from './db.ts';
import { notify, WakeListener } from './wake.ts';

let database: TestDatabase;
const listeners: WakeListener[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

afterEach(async () => {
  clock.ahead = 0;
  for (const listener of listeners.splice(0)) await listener.close();
});

afterAll(() => database.close());

/** What the listeners take the time to be; the database's own, plus a minute and more where one is to stand still. */
const clock = { ahead: 0, now: () => Date.now() + clock.ahead };

function listen(onWake: (stage: string) => void = () => undefined): WakeListener {
  const listener = new WakeListener(
    { ...poolConfig(database.connection, 1), application_name: 'listener' },
    onWake,
    clock,
  );
  listeners.push(listener);
  return listener;
}

async function pids(): Promise<number[]> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity where application_name = 'listener' and datname = current_database()`.execute(
    database.db,
  );
  return rows.map(row => row.pid);
}

/** Waits until a condition of the database holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setImmediate(resolve));
}

async function breakConnections(): Promise<void> {
  for (const pid of await pids()) await sql`select pg_terminate_backend(${pid})`.execute(database.db);
  await until(async () => (await pids()).length === 0);
}

const wake = (stage: string) => transact(database.db, tx => notify(tx, stage));

/** Collects wakes; `heard` resolves with all of them once that stage was woken. */
function recorder() {
  const stages: string[] = [];
  let resume: () => void = () => undefined;
  return {
    onWake: (stage: string) => {
      stages.push(stage);
      resume();
    },
    heard: async (stage: string) => {
      while (!stages.includes(stage)) {
        await new Promise<void>(resolve => {
          resume = resolve;
        });
      }
      return stages;
    },
  };
}

describe('a wake', () => {
  test('is heard by every listener once its transaction has committed, and never when it has not', async () => {
    const [one, two] = [recorder(), recorder()];
    await listen(one.onWake).connect();
    await listen(two.onWake).connect();
    await transact(database.db, async tx => {
      await notify(tx, 'settle');
      throw new Error('rolled back');
    }).catch(() => undefined);
    await wake('match');
    await wake('last');
    expect(await one.heard('last')).toEqual(['match', 'last']);
    expect(await two.heard('last')).toEqual(['match', 'last']);
  });

  test('is heard again after the connection broke and was made anew', async () => {
    const { onWake, heard } = recorder();
    const listener = listen(onWake);
    await listener.connect();
    await breakConnections();
    await until(async () => {
      await listener.connect();
      return (await pids()).length === 1;
    });
    await wake('dispatch');
    expect(await heard('dispatch')).toEqual(['dispatch']);
  });
});

describe('a listener', () => {
  test('has one connection, however many ask it to connect at once', async () => {
    const listener = listen();
    await Promise.all([listener.connect(), listener.tryLock('a'), listener.connect(), listener.tryLock('b')]);
    expect(await pids()).toHaveLength(1);
    await listener.close();
    await until(async () => (await pids()).length === 0);
  });

  test('that is closed while it connects leaves no connection', async () => {
    const listener = listen();
    const connecting = listener.connect().catch(() => undefined);
    await listener.close();
    await connecting;
    await until(async () => (await pids()).length === 0);
  });

  test('that cannot connect says so, and may try again', async () => {
    const nowhere = new WakeListener(
      { ...poolConfig(database.connection, 1), host: '/nonexistent' },
      () => undefined,
      clock,
    );
    await expect(nowhere.connect()).rejects.toThrow('ENOENT');
    await expect(nowhere.tryLock('a')).rejects.toThrow('ENOENT');
    await nowhere.close();
  });
});

describe('a lock', () => {
  test('is held by one process at a time, as often as it asks', async () => {
    const [one, two] = [listen(), listen()];
    expect(await one.tryLock('watch TRC-20')).toBe(true);
    expect(await one.tryLock('watch TRC-20')).toBe(true);
    expect(await two.tryLock('watch TRC-20')).toBe(false);
    expect(await two.tryLock('watch ERC-20')).toBe(true);
  });

  test('passes on when its holder closes', async () => {
    const [one, two] = [listen(), listen()];
    expect(await one.tryLock('watch TRC-20')).toBe(true);
    await one.close();
    await until(() => two.tryLock('watch TRC-20'));
  });

  test('is shared while its holder stands still, and is the holder’s again as soon as that works', async () => {
    const [one, two, three] = [listen(), listen(), listen()];
    expect(await one.tryLock('rates')).toBe(true);
    // Others that are at work do not make up for it.
    clock.ahead = 55_000;
    await three.beat();
    expect(await two.tryLock('rates')).toBe(false);
    clock.ahead = 90_000;
    expect(await two.tryLock('rates')).toBe(true);
    expect(await two.tryLock('another that is free')).toBe(true);
    clock.ahead = 0;
    expect(await two.tryLock('rates')).toBe(false);
  });

  test('is seen to be in use by a holder that has nothing else to say', async () => {
    const [one, two] = [listen(), listen()];
    expect(await one.tryLock('rates')).toBe(true);
    const said = async () =>
      Math.max(
        ...(
          await sql<{ at: number }>`
        select max(state_change) as at from pg_stat_activity a join pg_locks l using (pid)
         where l.locktype = 'advisory' and a.application_name = 'listener' and datname = current_database()`.execute(
            database.db,
          )
        ).rows.map(({ at }) => at),
      );
    const before = await said();
    await one.beat();
    await one.beat();
    const first = await said();
    clock.ahead = 10_000;
    await one.beat();
    expect(first).toBeGreaterThan(before);
    expect(await said()).toBeGreaterThan(first);
    expect(await two.tryLock('rates')).toBe(false);
  });

  test('is not believed in any more after the connection broke', async () => {
    const [one, two] = [listen(), listen()];
    expect(await one.tryLock('watch TRC-20')).toBe(true);
    await breakConnections();
    await until(() => two.tryLock('watch TRC-20').catch(() => false));
    await until(async () => (await one.tryLock('watch TRC-20').catch(() => true)) === false);
  });
});
