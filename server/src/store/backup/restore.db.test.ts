import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  MINUTE,
  makeMerchant,
  makeWallet,
  makeWorld,
  must,
  type World,
} from '../../../../test/factories.ts';
import { type TestDatabase, testDatabase } from '../../../../test/pg.ts';
import { createPerson } from '../../commands/create-person.ts';
import { transact } from '../db.ts';
import { checkMasterKey } from '../installation.ts';
import { insertReset } from '../invitations.ts';
import { insertMail } from '../mails.ts';
import { migrateTo, pendingMigrations } from '../migrate.ts';
import { insertSession } from '../sessions.ts';
import { dump } from './dump.ts';
import { restore } from './restore.ts';

let database: TestDatabase;
let fresh: TestDatabase;
let world: World;
let folder: string;
let file: string;

beforeEach(async () => {
  database = await testDatabase();
  fresh = await testDatabase({ schema: false });
  world = makeWorld(database.db);
  folder = await mkdtemp(join(tmpdir(), 'restore-'));
  file = join(folder, 'a.backup');
  await checkMasterKey(database.db, world.vault, world.clock.now());
});

afterEach(async () => {
  await database.close();
  await fresh.close();
  await rm(folder, { recursive: true, force: true });
});

const backUp = (of = database) => dump(of.connection, { vault: world.vault, file, now: world.clock.now() });

async function goBack(waitMinutes = 0): Promise<void> {
  const { vault, clock } = world;
  must(await restore(fresh, { vault, file, now: clock.now(), waitMinutes }));
}

const counted = async (table: string) =>
  (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(fresh.db)).rows[0]?.n;

async function makePerson(): Promise<number> {
  const person = { name: 'A', password: 'a long and quiet river', language: 'en' };
  const made = await createPerson(world, {
    ...person,
    email: 'a@example.com',
    isOperator: false,
    userId: null,
  });
  return must(made).id;
}

describe('a backup', () => {
  test('is of one moment, though the shop goes on while it is made', async () => {
    await makeMerchant(world);
    let making: ReturnType<typeof backUp> | null = null;
    await transact(database.db, async tx => {
      await sql`lock table users in access exclusive mode`.execute(tx);
      making = backUp();
      const waits = sql`select from pg_locks where not granted and relation = 'users'::regclass`;
      while ((await waits.execute(tx)).rows.length === 0) await new Promise(setImmediate);
      // A table that comes after the one it waits for.
      await sql`insert into accounts (kind, currency, created_at) values ('adjustments', 'USD', now())`.execute(
        tx,
      );
    });
    expect((await making!).rows).toMatchObject({ users: 1, merchants: 1, accounts: 0 });
  });

  test('that fails leaves nothing behind', async () => {
    await mkdir(file);
    await expect(backUp()).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['a.backup']);
  });
});

describe('after a restore', () => {
  test('nobody is signed in, and no link is good that was mailed', async () => {
    const personId = await makePerson();
    const now = world.clock.now();
    await transact(database.db, async tx => {
      const session = { stage: 'full', address: '192.0.2.1', userAgent: '', expiresAt: now + HOUR } as const;
      await insertSession(tx, { ...session, personId, tokenHash: Buffer.alloc(32, 1) }, now);
      await insertReset(tx, { personId, tokenHash: Buffer.alloc(32, 2), expiresAt: now + HOUR });
      await insertMail(
        tx,
        { kind: 'password_reset', email: 'a@example.com', language: 'en', invitationId: null },
        now,
      );
    });
    await backUp();
    await goBack();
    expect(await counted('people')).toBe(1);
    for (const table of ['sessions', 'password_resets', 'mails']) expect(await counted(table)).toBe(0);
  });

  test('what only grows can still be added to, and no more', async () => {
    await makePerson();
    await backUp();
    await goBack();
    expect(await counted('audit_log')).toBeGreaterThan(0);
    await expect(sql`update audit_log set action = 'x'`.execute(fresh.db)).rejects.toThrow('append-only');
    const { rows } = await sql`
      select tgrelid::regclass::text from pg_trigger where not tgisinternal and tgenabled <> 'O'`.execute(
      fresh.db,
    );
    expect(rows).toEqual([]);
  });

  test('no wallet takes invoices earlier than it would have, nor before the wait is over', async () => {
    const merchant = await makeMerchant(world);
    const now = world.clock.now();
    const times = [null, now - HOUR, now + 24 * HOUR];
    for (const time of times) {
      const { id } = await makeWallet(world, merchant);
      const at = { active_from: time === null ? null : new Date(time) };
      await world.db.updateTable('wallets').set(at).where('id', '=', id).execute();
    }
    await backUp();
    await goBack(92);
    const rows = await fresh.db.selectFrom('wallets').select('active_from').orderBy('id').execute();
    expect(rows.map(({ active_from }) => active_from)).toEqual([
      now + 92 * MINUTE,
      now + 92 * MINUTE,
      now + 24 * HOUR,
    ]);
  });

  test('the schema is the present one, though the backup is older', async () => {
    const old = await testDatabase({ schema: false });
    try {
      await migrateTo(old.db, '0021-balance-checks');
      await checkMasterKey(old.db, world.vault, world.clock.now());
      await backUp(old);
    } finally {
      await old.close();
    }
    await goBack();
    expect(await pendingMigrations(fresh.db)).toEqual([]);
  });
});
