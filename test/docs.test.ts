/** The documents about the database and its states say what is so: they are held against a migrated database. */

import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsTable } from '../server/src/cli/settings.ts';
import { schedule } from '../server/src/domain/delivery.ts';
import { unmatchedReasons } from '../server/src/domain/match.ts';
import { tableOf, tablesOf } from './markdown.ts';
import { type TestDatabase, testDatabase } from './pg.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.close());

async function columns(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' order by table_name, ordinal_position`.execute(database.db);
  return rows.map(({ name }) => name);
}

/** The values that a check constraint of this column allows. */
async function allowed(table: string, column: string): Promise<string[]> {
  const { rows } = await sql<{ definition: string }>`
    select pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = ${table}::regclass and contype = 'c'
       and conkey = array[(select attnum from pg_attribute where attrelid = ${table}::regclass and attname = ${column})]
       and pg_get_constraintdef(oid) like '%ARRAY[%'`.execute(database.db);
  return [...(rows[0]?.definition ?? '').matchAll(/'([^']+)'::text/g)].map(([, value]) => value!);
}

describe('docs/schema.md', () => {
  const documented = tablesOf('docs/schema.md');

  test('names every table and column there is, in order, and none that is not', async () => {
    const named = documented.flatMap(({ heading, rows }) => rows.map(([column]) => `${heading}.${column}`));
    const table = (name: string) => name.slice(0, name.indexOf('.'));
    expect(named.toSorted((a, b) => (table(a) < table(b) ? -1 : Number(table(a) > table(b))))).toEqual(
      await columns(),
    );
  });

  test('explains each in a sentence', () => {
    for (const { heading, rows } of documented) {
      for (const [column, meaning] of rows)
        expect(`${heading}.${column}: ${meaning}`).toMatch(/^[\w.]+: \S.{4,}\.$/);
    }
  });

  test('says what the statuses are that the database allows', async () => {
    const status = documented
      .find(({ heading }) => heading === 'users')
      ?.rows.find(([name]) => name === 'status');
    for (const value of await allowed('users', 'status')) expect(status?.[1]).toContain(`\`${value}\``);
  });
});

describe('docs/states.md', () => {
  const named = (heading: string, first = 'state') =>
    tableOf('docs/states.md', heading, first).rows.map(([name]) => name);

  test('names the states of an invoice that the database allows', async () => {
    expect(named('Invoice', 'status').toSorted()).toEqual((await allowed('invoices', 'status')).toSorted());
  });

  test('names the states of a transfer that the database allows, with every reason', async () => {
    const { rows } = tableOf('docs/states.md', 'Transfer', 'state');
    expect([...new Set(rows.map(([state]) => state))]).toEqual(await allowed('transfers', 'state'));
    const reasons = (state: string) => rows.filter(row => row[0] === state).map(([, reason]) => reason);
    expect(reasons('unmatched')).toEqual([...unmatchedReasons]);
    expect(reasons('ignored')).toEqual(['self_transfer']);
    expect([...reasons('pending'), ...reasons('matched')]).toEqual(['–', '–']);
  });

  test('names the states of a payment and of a delivery that the database allows', async () => {
    expect(named('Payment')).toEqual(await allowed('payments', 'state'));
    expect(named('Delivery')).toEqual(await allowed('deliveries', 'state'));
  });

  test('speaks of as many requests as the schedule and the database have', async () => {
    expect(schedule).toHaveLength(10);
    const { rows } = await sql<{ definition: string }>`
      select pg_get_constraintdef(oid) as definition from pg_constraint
       where conrelid = 'attempts'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%number%'`.execute(
      database.db,
    );
    expect(rows.map(({ definition }) => definition)).toEqual(['CHECK (((number >= 0) AND (number <= 9)))']);
  });
});

describe('docs/configuration.md', () => {
  test('has every setting as the schema has it', () => {
    const text = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
    expect(text).toContain(settingsTable());
  });
});
