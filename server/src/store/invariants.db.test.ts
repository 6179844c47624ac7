import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerBreaks } from '../../../test/broken-ledger.ts';
import { type InvoiceIds, breaks as ruleBreaks } from '../../../test/broken-rules.ts';
import {
  HOUR,
  keyOn,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  makeWorld,
  methodOf,
  must,
  pay,
  put,
  readTo,
  type TestMerchant,
  type World,
} from '../../../test/factories.ts';
import { tableOf } from '../../../test/markdown.ts';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { chooseMethod } from '../commands/choose-method.ts';
import { NO_TERMS } from '../domain/commission.ts';
import type { Invoice } from '../domain/invoice.ts';
import { Dispatcher } from '../flow/dispatch.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { explain, explained } from './invariant-meanings.ts';
import { findForgedWallets, findViolations, invariants, type Violation } from './invariants.ts';
import { restsOf } from './remainders.ts';

const breaks = { ...ruleBreaks, ...ledgerBreaks };

let database: TestDatabase;
let world: World;

/** The invoices of the world below, by what became of them. */
const ids = {} as InvoiceIds;

/** One of everything, and nothing wrong with it. */
beforeAll(async () => {
  database = await testDatabase();
  world = { ...makeWorld(database.db), terms: { ...NO_TERMS, percent: { units: 1n, scale: 0 } } };
  const { merchant } = await makeShop(world);
  await makeWallet(world, merchant, { network: 'ERC-20' });
  const completed = await makeInvoice(world, merchant);
  const cancelled = await makeInvoice(world, merchant);
  const late = await makeInvoice(world, merchant, { topUpUserId: 1 });
  const manual = await makeInvoice(world, merchant);
  const only = await makeShop(world, { wallet: { maxTail: 1, holdHours: 2 } });
  const taken = await makeInvoice(world, only.merchant);
  world.clock.advance(MINUTE);
  await put(world, cancelled, 'cancelled');
  await put(world, taken, 'cancelled');
  await put(world, manual, 'confirmed_manually');
  await readTo(world, 'ERC-20', { height: 100 });
  const gone = await changeCoin(merchant);
  await put(world, gone, 'cancelled');
  await pay(world, completed, { height: 100 });
  await pay(world, late, { height: 100 });
  await pay(world, completed, { height: 100, units: 5n });
  await match(world);
  const joined = await payInParts();
  await readTo(world, 'TRC-20', { height: 110, final: 105 });
  await settle(world);
  await deliver(500);
  world.clock.advance(30_000);
  await deliver(200);
  world.clock.advance(3 * HOUR);
  await readTo(world, 'TRC-20', { height: 120, final: 110 });
  await readTo(world, 'ERC-20', { height: 110 });
  const taker = await makeInvoice(world, only.merchant);
  const confirming = await makeInvoice(world, merchant);
  const open = await makeInvoice(world, merchant);
  const changed = await changeCoin(merchant);
  await pay(world, confirming, { height: 119 });
  await match(world);
  const parted = await payPart();
  for (const [name, { id }] of Object.entries({
    completed,
    cancelled,
    taken,
    taker,
    confirming,
    late,
    open,
    manual,
    changed,
    gone,
    joined,
    parted,
  }))
    ids[name as keyof InvoiceIds] = id;
});

afterAll(() => database.close());

/** An invoice whose payer chose one network, and then another. */
async function changeCoin(merchant: TestMerchant): Promise<Invoice> {
  const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
  const invoice = await makeInvoice(world, merchant, { method: null, page });
  let from: Invoice['method'] = null;
  for (const network of ['TRC-20', 'ERC-20'] as const) {
    const command = { pageId: page.id, from, method: { network, asset: 'USDT' as const } };
    from = methodOf(must(await chooseMethod(world, command)));
  }
  return { ...invoice, method: from };
}

/** An invoice of a shop of its own, of which a part has come. */
async function payPart(): Promise<Invoice> {
  const { merchant } = await makeShop(world, { merchant: { remainder: true } });
  const invoice = await makeInvoice(world, merchant);
  await pay(world, invoice, { height: 100, units: 4_000_000n });
  await match(world);
  return invoice;
}

/** One of which all has come. */
async function payInParts(): Promise<Invoice> {
  const invoice = await payPart();
  const rests = await restsOf(database.db, [invoice.id]);
  await pay(world, invoice, { height: 100, units: rests.get(invoice.id)?.[0]?.units ?? 0n });
  await match(world);
  return invoice;
}

async function deliver(status: number): Promise<void> {
  const dispatcher = new Dispatcher({
    ...world,
    uuid: () => world.chance.uuid(),
    onFree: () => undefined,
    post: async () => ({ kind: 'response', status, headers: [], body: '', truncated: false }),
  });
  while ((await dispatcher.tick(new AbortController().signal)) > 0) await dispatcher.idle();
}

class Undo extends Error {}

/** What is found while these statements are in force; they are undone afterwards. */
async function foundAfter(statements: RawBuilder<unknown>[]): Promise<Violation[]> {
  let found: Violation[] = [];
  const work = database.db.transaction().execute(async tx => {
    for (const statement of statements) await statement.execute(tx);
    found = await findViolations(tx);
    throw new Undo();
  });
  await work.catch(error => {
    if (!(error instanceof Undo)) throw error;
  });
  return found;
}

test('nothing is found where all is well, in a world that has one of everything', async () => {
  expect(await findViolations(database.db)).toEqual([]);
  expect(await findForgedWallets(database.db, world.vault)).toEqual([]);
  const statuses = await database.db.selectFrom('invoices').select('status').orderBy('id').execute();
  expect(statuses.map(({ status }) => status).sort()).toEqual([
    'cancelled',
    'cancelled',
    'cancelled',
    'completed',
    'completed',
    'completed',
    'confirming',
    'new',
    'new',
    'new',
    'new',
    'paid_manually',
  ]);
  const made = await database.db.selectFrom('attempts').select('status').execute();
  expect(new Set(made.map(({ status }) => status))).toEqual(new Set([200, 500]));
});

describe.each(invariants)('$name', ({ name }) => {
  test.each(breaks[name] ?? [])('finds %s', async (_, statements, named) => {
    const found = await foundAfter(statements(ids));
    const [kind, of] = named.split(' ');
    const detail = of ? `${kind} ${ids[of as keyof InvoiceIds] ?? of}` : expect.stringMatching(`^${kind} `);
    expect(found).toContainEqual({ invariant: name, detail });
  });
});

test('each invariant has a way to be broken', () => {
  expect(Object.keys(breaks)).toEqual(invariants.map(({ name }) => name));
});

test('a wallet whose row was changed is found, and no other', async () => {
  for (const column of ['address', 'address_key', 'merchant_id']) {
    const value = column === 'merchant_id' ? sql`2` : sql`${keyOn('TRC-20', 'ab'.repeat(20))}`;
    const before = await database.db
      .selectFrom('wallets')
      .selectAll()
      .where('id', '=', 1)
      .executeTakeFirstOrThrow();
    await sql`update wallets set ${sql.ref(column)} = ${value} where id = 1`.execute(database.db);
    expect(await findForgedWallets(database.db, world.vault)).toEqual([
      { invariant: 'a wallet is as it was registered', detail: 'wallet 1' },
    ]);
    const { address, address_key, merchant_id } = before;
    await database.db
      .updateTable('wallets')
      .set({ address, address_key, merchant_id })
      .where('id', '=', 1)
      .execute();
  }
});

test.each([
  ['open', 'invoices', 'id'],
  ['confirming', 'invoices', 'id'],
  ['changed', 'replaced_methods', 'invoice_id'],
] as const)(
  'an address that was changed of an invoice that is %s is found in %s',
  async (name, table, id) => {
    const change = (key: string) =>
      sql`update ${sql.table(table)} set address_key = ${key} where ${sql.ref(id)} = ${ids[name]}`;
    const of = sql<{
      address_key: string;
    }>`select address_key from ${sql.table(table)} where ${sql.ref(id)} = ${ids[name]}`;
    const before = (await of.execute(database.db)).rows[0]?.address_key ?? '';
    await change('x').execute(database.db);
    expect(await findForgedWallets(database.db, world.vault)).toEqual([
      { invariant: 'a wallet is as it was registered', detail: `invoice ${ids[name]}` },
    ]);
    await change(before).execute(database.db);
  },
);

test('no more than 100 are told at once', async () => {
  const many = sql`insert into blocks select 'N' || n, n, 'x', '2026-01-01' from generate_series(1, 300) n`;
  const cursors = sql`insert into cursors select 'N' || n, 1, 'g', 0, 'h', '2026-01-01', 0, 0, '2026-01-01', 1 from generate_series(1, 300) n`;
  expect(await foundAfter([many, cursors])).toHaveLength(100);
});

test('docs/states.md explains each of them', () => {
  const { rows } = tableOf('docs/states.md', 'What is always true', 'invariant');
  expect(rows.map(([name]) => name)).toEqual([
    ...invariants.map(({ name }) => name),
    'a wallet is as it was registered',
    'the audit log is as it was written',
  ]);
});

test('what doctor says of a broken rule is what docs/states.md says of it', () => {
  const { rows } = tableOf('docs/states.md', 'What is always true', 'invariant');
  const documented = new Map(rows.map(([name, meaning]) => [name, meaning]));
  expect(explained).toEqual(expect.arrayContaining(invariants.map(({ name }) => name)));
  for (const name of explained) expect(explain(name).means).toBe(documented.get(name));
});
