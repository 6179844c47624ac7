import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase, warm } from '../../../test/pg.ts';
import { openVault } from '../lib/vault.ts';
import { appendAudit, findForgedAudit, intactAudit, listAudit } from './audit-log.ts';
import { transact } from './db.ts';
import { insertPerson } from './people.ts';
import { insertUser } from './users.ts';

let database: TestDatabase;
const vault = openVault(randomBytes(32));
const NOW = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.clear());

const entry = {
  acting: { kind: 'program' } as const,
  userId: null,
  action: 'thing.change',
  target: 'thing 1',
};
const append = (after?: Record<string, string | null>) =>
  transact(database.db, tx => appendAudit(tx, vault, { ...entry, ...(after && { after }) }, NOW));
const forged = async () => (await findForgedAudit(database.db, vault)).map(({ detail }) => detail);

/** Changes what the trigger protects, as somebody with the database in their hands can. */
async function tamper(statement: string): Promise<void> {
  await sql
    .raw(
      `alter table audit_log disable trigger user; ${statement}; alter table audit_log enable trigger user`,
    )
    .execute(database.db);
}

/** Whom the entries may name: two people and an account. */
async function makePeople(): Promise<void> {
  const { db } = database;
  const userId = await transact(db, tx =>
    insertUser(tx, { email: 'a@example.com', passwordHash: null }, NOW),
  );
  expect(userId).toBe(1);
  for (const id of [1, 2]) {
    const person = { email: `p${id}@example.com`, name: 'P', language: 'en', passwordHash: 'x' } as const;
    const made = await transact(db, tx =>
      insertPerson(tx, { ...person, handle: randomBytes(32), isOperator: false }, NOW),
    );
    expect(made).toBe(id);
  }
}

describe('the audit log', () => {
  test('is numbered without gaps and unbroken, also when many write at once', async () => {
    await warm(database.db);
    await Promise.all(Array.from({ length: 30 }, (_, n) => append({ n: String(n) })));
    const rows = await listAudit(database.db, { userId: null, before: null, limit: 100 });
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 30 }, (_, n) => 30 - n));
    expect(await forged()).toEqual([]);
  });

  test('can be added to, and no more', async () => {
    await append();
    await expect(sql`update audit_log set action = 'x'`.execute(database.db)).rejects.toThrow('append-only');
    await expect(sql`delete from audit_log`.execute(database.db)).rejects.toThrow('append-only');
  });

  test('leaves no gap when the act it belongs to is undone', async () => {
    await append();
    const undone = transact(database.db, async tx => {
      await appendAudit(tx, vault, entry, NOW);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await append();
    expect(await forged()).toEqual([]);
    expect(await listAudit(database.db, { userId: null, before: null, limit: 9 })).toHaveLength(2);
  });

  test.each([
    ['an action', `update audit_log set action = 'other' where id = 2`, ['audit entry 2']],
    ['a fact', `update audit_log set after = '{"a":"c"}' where id = 2`, ['audit entry 2']],
    ['nothing made of an empty text', `update audit_log set before = '' where id = 2`, ['audit entry 2']],
    ['who did it', `update audit_log set actor = 'command_line' where id = 2`, ['audit entry 2']],
    [
      'a person put in',
      `update audit_log set actor = 'person', person_id = 1 where id = 2`,
      ['audit entry 2'],
    ],
    ['another person', 'update audit_log set person_id = 2 where id = 5', ['audit entry 5']],
    ['an account', 'update audit_log set user_id = 1 where id = 2', ['audit entry 2']],
    ['what it was done to', `update audit_log set target = 'thing 2' where id = 2`, ['audit entry 2']],
    ['where from', `update audit_log set address = '192.0.2.2' where id = 5`, ['audit entry 5']],
    ['its time', `update audit_log set at = at + interval '1 second' where id = 3`, ['audit entry 3']],
    ['an entry that is gone', 'delete from audit_log where id = 2', ['audit entry 3']],
    ['the first one gone', 'delete from audit_log where id = 1', ['audit entry 2']],
  ])('tells of %s', async (_what, statement, expected) => {
    await makePeople();
    for (let n = 0; n < 4; n++) await append({ a: 'b' });
    const acting = { kind: 'person', personId: 1, address: '192.0.2.1' } as const;
    await transact(database.db, tx => appendAudit(tx, vault, { ...entry, acting }, NOW));
    await tamper(statement);
    expect(await forged()).toEqual(expected);
    // Page by page the same is found, of what is still there.
    const ids = (await listAudit(database.db, { userId: null, before: null, limit: 9 })).map(({ id }) => id);
    const intact = await intactAudit(database.db, vault, ids);
    expect(ids.filter(id => !intact.has(id)).map(id => `audit entry ${id}`)).toEqual(expected);
  });

  test('tells of an entry that was written without the master key', async () => {
    await append();
    await transact(database.db, tx => appendAudit(tx, openVault(randomBytes(32)), entry, NOW));
    expect(await forged()).toEqual(['audit entry 2']);
  });
});
