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
import { WireRelay } from '../../../../test/fire/wire-relay.ts';
import { type TestDatabase, testDatabase } from '../../../../test/pg.ts';
import { createPerson } from '../../commands/create-person.ts';
import { openVault } from '../../lib/vault.ts';
import { type Connection, transact } from '../db.ts';
import { askEmailChange } from '../email-changes.ts';
import { checkMasterKey } from '../installation.ts';
import { insertInvitation, insertReset } from '../invitations.ts';
import { insertMail } from '../mails.ts';
import { migrate, migrateTo, pendingMigrations } from '../migrate.ts';
import { insertChallenge } from '../passkeys.ts';
import { insertSession } from '../sessions.ts';
import { insertTelegramCode } from '../telegram.ts';
import { dump } from './dump.ts';
import { restore } from './restore.ts';
import { verify } from './verify.ts';

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

const backUp = (of: { connection: Connection } = database) =>
  dump(of.connection, { vault: world.vault, file, now: world.clock.now() });

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
  /** Makes one, and does `meanwhile` between the moment it is of and its first table. */
  async function backUpDuring(meanwhile: () => Promise<void>) {
    const relay = new WireRelay(() => database.connection);
    await relay.open();
    try {
      const held = relay.trap(({ sql }) => (sql.startsWith('copy ') ? 'before' : null));
      const making = backUp({ connection: { url: relay.url } });
      await held;
      await meanwhile();
      relay.release();
      return await making;
    } finally {
      await relay.close();
    }
  }

  test('is of one moment, though the shop goes on while it is made', async () => {
    const done = await backUpDuring(async () => void (await makeMerchant(world)));
    expect(done.rows).toMatchObject({ users: 0, merchants: 0 });
  });

  test('holds off whatever would rewrite a table while it is made', async () => {
    await makeMerchant(world);
    const done = await backUpDuring(async () => {
      const rewrite = transact(database.db, async tx => {
        await sql`set local lock_timeout = '100ms'`.execute(tx);
        await sql`alter table merchants alter column name type varchar`.execute(tx);
      });
      await expect(rewrite).rejects.toThrow('lock timeout');
    });
    expect(done.rows).toMatchObject({ merchants: 1 });
  });

  test('with another master key is refused, and makes no file', async () => {
    const vault = openVault(Buffer.alloc(32, 1));
    const { connection } = database;
    await expect(dump(connection, { vault, file, now: world.clock.now() })).rejects.toThrow('The master key');
    expect(await readdir(folder)).toEqual([]);
  });

  test('is left alone by another one that is made into the same file', async () => {
    const done = await backUpDuring(async () => {
      await expect(backUp()).rejects.toThrow('EEXIST');
    });
    expect(await readdir(folder)).toEqual(['a.backup']);
    expect(must(await verify(file, world.vault)).rows).toEqual(done.rows);
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
      const { id: sessionId } = await tx.selectFrom('sessions').select('id').executeTakeFirstOrThrow();
      const invited = { email: 'b@example.com', userId: null, role: 'owner', invitedBy: personId } as const;
      await insertInvitation(tx, { ...invited, tokenHash: Buffer.alloc(32, 3), expiresAt: now + HOUR }, now);
      const change = { personId, email: 'c@example.com', sessionId, expiresAt: now + HOUR };
      await askEmailChange(tx, change);
      await insertTelegramCode(tx, { hash: Buffer.alloc(32, 4), personId, expiresAt: now + HOUR });
      await insertChallenge(tx, { challenge: 'a', sessionId: null, expiresAt: now + HOUR });
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
    for (const table of [
      'sessions',
      'password_resets',
      'mails',
      'invitations',
      'email_changes',
      'telegram_codes',
      'passkey_challenges',
    ])
      expect([table, await counted(table)]).toEqual([table, 0]);
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

  test('a database with a newer schema than the backup is refused: what its migrations do to rows was done', async () => {
    const old = await testDatabase({ schema: false });
    try {
      await migrateTo(old.db, '0021-balance-checks');
      await checkMasterKey(old.db, world.vault, world.clock.now());
      await backUp(old);
    } finally {
      await old.close();
    }
    await migrate(fresh.db);
    const answer = await restore(fresh, { vault: world.vault, file, now: world.clock.now(), waitMinutes: 0 });
    expect(answer).toMatchObject({ ok: false, fault: expect.stringContaining('newer schema') });
    expect(await counted('installation')).toBe(0);
  });
});
