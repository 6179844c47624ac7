import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/pg.ts';
import { ledgerInvariants } from '../ledger-invariants.ts';
import { up as initial } from './0001-initial.ts';
import { up as wholeApi } from './0002-whole-api.ts';
import { up as searchAndChoice } from './0003-search-and-choice.ts';
import { up as ledger } from './0007-ledger.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase({ schema: false });
  for (const up of [initial, wholeApi, searchAndChoice]) await up(database.db as unknown as Kysely<unknown>);
});

afterAll(() => database.close());

test('balances that were set by hand before there was a ledger are carried into it', async () => {
  const { db } = database;
  await sql`insert into users (email, status, balance, created_at) values
    ('a@b.c', 'Active', 0, '2026-01-01'), ('b@b.c', 'Active', 12.5, '2026-01-02'), ('c@b.c', 'Active', -3, '2026-01-03')`.execute(
    db,
  );
  await db.transaction().execute(async tx => {
    await ledger(tx as unknown as Kysely<unknown>);
    // A later migration of the same run may change these tables.
    await sql`alter table postings add column later text`.execute(tx);
  });
  const { rows } =
    await sql`select user_id, balance from accounts where user_id is not null order by user_id`.execute(db);
  expect(rows).toEqual([
    { user_id: 2, balance: '12.50000000' },
    { user_id: 3, balance: '-3.00000000' },
  ]);
  for (const { query } of ledgerInvariants) expect((await sql.raw(query).execute(db)).rows).toEqual([]);
});
