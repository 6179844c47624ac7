import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import {
  HOUR,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  put,
  readTo,
  type TestMerchant,
  type TestWallet,
} from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { type ExportFilter, exportInvoices } from './export-invoices.ts';
import { inSnapshot } from './read-rows.ts';
import { searchInvoices } from './search-invoices.ts';

const world = useWorld();
let merchant: TestMerchant;
let wallet: TestWallet;

beforeEach(async () => {
  ({ merchant, wallet } = await makeShop(world));
});

const everything: ExportFilter = {
  merchantId: null,
  userId: null,
  from: null,
  to: null,
  timeZone: 'UTC',
  statuses: [],
  query: null,
};

async function ids(given: Partial<ExportFilter> = {}): Promise<number[]> {
  return inSnapshot(world.db, async tx => {
    const all: number[] = [];
    for await (const batch of exportInvoices(tx, { ...everything, ...given }))
      all.push(...batch.map(({ id }) => id));
    return all;
  });
}

test('an export is exactly the filter', async () => {
  const { merchant: other } = await makeShop(world);
  const [open, cancelled] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
  const foreign = await makeInvoice(world, other);
  await put(world, cancelled, 'cancelled');
  world.clock.advance(12 * HOUR);
  await readTo(world, 'TRC-20', { height: 110 });
  const later = await makeInvoice(world, merchant);
  expect(await ids()).toEqual([open.id, cancelled.id, foreign.id, later.id]);
  expect(await ids({ merchantId: merchant.id })).toEqual([open.id, cancelled.id, later.id]);
  expect(await ids({ statuses: ['cancelled'] })).toEqual([cancelled.id]);
  expect(await ids({ statuses: ['cancelled', 'new'], merchantId: merchant.id, to: '2026-01-01' })).toEqual([
    open.id,
    cancelled.id,
  ]);
  expect(await ids({ from: '2026-01-02' })).toEqual([later.id]);
  expect(await ids({ from: '2026-01-02', timeZone: 'America/New_York' })).toEqual([]);
});

test('a query finds what the search finds', async () => {
  const references = ['order 1', 'order 10', '50%_off', '50 percent'];
  for (const clientReferenceId of references)
    await makeInvoice(world, merchant, { clientReferenceId, metadata: `for ${clientReferenceId}` });
  await makeWallet(world, merchant, { network: 'ERC-20' });
  const long = 'x'.repeat(300);
  const last = await makeInvoice(world, merchant, { metadata: long });
  await sql`update invoices set transaction_id = 'paid by', payer_wallet = 'paid from' where id = ${last.id}`.execute(
    world.db,
  );
  const queries = [
    'paid by',
    'paid from',
    'order',
    'order 1',
    '50%',
    '_',
    '%',
    'for 50',
    long,
    `${long}y`,
    '1',
    '3',
    '\0',
    '',
    "' or 1=1",
  ];
  for (const query of [...queries, wallet.address, methodOf(last).address]) {
    const search = { merchantId: merchant.id, query, before: null, limit: 100 };
    const found = (await searchInvoices(world.db, search)).map(({ id }) => id);
    expect([query, await ids({ query })]).toEqual([query, found.toReversed()]);
  }
});

test('more invoices than a batch come all, once, in order, and as they were at one moment', async () => {
  const [first] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
  await sql`
    insert into invoices (merchant_id, client_reference_id, compat, requested_amount, commission, status, created_at,
      expire_at, ended_at, version)
    select ${merchant.id}, 'copy ' || n, false, 1, 0, 'expired', created_at, expire_at, expire_at, 1
      from invoices, generate_series(1, 3000) as n where id = ${first.id}`.execute(world.db);
  const seen = await inSnapshot(world.db, async tx => {
    const all: number[] = [];
    const sizes: number[] = [];
    for await (const batch of exportInvoices(tx, { ...everything, statuses: ['expired'] })) {
      all.push(...batch.map(({ id }) => id));
      sizes.push(batch.length);
      await sql`delete from invoices where status = 'expired'`.execute(world.db);
    }
    return { all, sizes };
  });
  expect(seen.sizes).toEqual([1000, 1000, 1000]);
  expect(seen.all).toEqual(Array.from({ length: 3000 }, (_, n) => n + 3));
  expect(await ids()).toEqual([1, 2]);
});

test('all that is read in a snapshot is of one moment', async () => {
  await makeInvoice(world, merchant);
  const read = await inSnapshot(world.db, async tx => {
    const counts: number[] = [];
    for (const statuses of [['new'], ['cancelled']] as const) {
      for await (const batch of exportInvoices(tx, { ...everything, statuses })) counts.push(batch.length);
      await sql`update invoices set status = 'cancelled', ended_at = created_at`.execute(world.db);
    }
    return counts;
  });
  expect(read).toEqual([1]);
});

test('whoever reads a snapshot can change nothing', async () => {
  const writing = inSnapshot(world.db, tx => sql`update invoices set version = 0`.execute(tx));
  await expect(writing).rejects.toThrow(/read-only/);
});
