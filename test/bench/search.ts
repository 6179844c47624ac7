/**
 * Search by each documented field among 1,000,000 invoices, half of them one merchant's. Timed in this process, from the
 * first statement sent to the last row read, and in the database, as EXPLAIN ANALYZE has each of the statements. Baseline:
 * fetching the invoice by its id.
 */
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { type Db, poolConfig } from '../../server/src/store/db.ts';
import { findInvoice } from '../../server/src/store/invoices.ts';
import { searchInvoices } from '../../server/src/store/search-invoices.ts';
import { type Ground, makeMerchant, makeWallet, onGround, percentile, ratio } from './ground.ts';

const INVOICES = 1_000_000;
const OTHERS = 50;
const ASKED = 200;

/** Every second invoice is the large merchant's, and older than those that the others share. */
export const LARGE = 1;

export async function benchSearch(): Promise<void> {
  await onGround(async ground => {
    await fillWithInvoices(ground);
    const watched = await openWatched(ground);
    for (const [name, query] of Object.entries(queries)) await measure(watched, name, query);
    await watched.db.destroy();
  });
}

export async function fillWithInvoices(ground: Ground): Promise<void> {
  for (let n = 1; n <= OTHERS + 1; n++) {
    const { id } = await makeMerchant(ground);
    const address = `0x${n.toString(16).padStart(40, '0')}`;
    await makeWallet(ground, { merchantId: id, address });
  }
  await fill(ground);
}

/** Ended invoices, as an installation of some years has them: references count up, payers are a few large ones and many small. */
async function fill({ db }: Ground): Promise<void> {
  await sql`
    insert into invoices (merchant_id, client_reference_id, metadata, compat, requested_amount, commission, network, asset,
        wallet_id, address, address_key, final_units, final_decimals, status, transaction_id, payer_wallet, paid_at,
        created_at, expire_at, ended_at, version, method_at)
      select w.merchant_id, 'order-' || n, case when n % 4 < 2 then '{"user":' || n % 100000 || '}' end, false, 10, 0,
        'ERC-20', 'USDT', w.id, w.address, w.address_key, 10000000 + n % 999, 6, p.status,
        case when p.paid then '0x' || md5(n::text) || md5((-n)::text) end,
        case when p.paid then '0x' || lpad(case when n % 5 = 0 then '1' else md5((n % 200000)::text) end, 40, '0') end,
        case when p.paid then t.at end, t.at, t.at + interval '30 minutes', t.at + interval '10 minutes', 1, t.at
      from generate_series(1, ${INVOICES}::int) n
      join lateral (select case when n % 2 = 0 then ${LARGE} else 2 + n / 2 % ${OTHERS} end as merchant) m on true
      join wallets w on w.merchant_id = m.merchant
      join lateral (select n % 10 < 4 as paid, case when n % 10 < 4 then 'completed' else 'expired' end as status) p on true
      join lateral (select timestamptz '2024-01-01' + n * interval '1 minute' as at) t on true
      order by m.merchant > ${LARGE}, n`.execute(db);
  await sql`vacuum analyze invoices`.execute(db);
}

const even = (n: number) => 2 * (1 + Math.floor((n * 7919) % (INVOICES / 2 - 1)));
const idOfLarge = (n: number) => even(n) / 2;
const bySmall = (text: (n: number) => string) => (n: number) => ({ merchantId: 2, query: text(n) });
const byLarge = (text: (n: number) => string) => (n: number) => ({ merchantId: LARGE, query: text(n) });

const queries: Record<string, (n: number) => { merchantId: number; query: string }> = {
  id: byLarge(n => String(idOfLarge(n))),
  'reference, whole': byLarge(n => `order-${even(n)}`),
  'reference, a beginning that 500,000 share': byLarge(() => 'order-'),
  'reference, a beginning that a few share': byLarge(n => `order-${even(n)}`.slice(0, -1)),
  'metadata, whole': byLarge(n => `{"user":${even(n) % 100_000}}`),
  'metadata, a beginning that all share': byLarge(() => '{"user":'),
  'wallet, with 500,000 invoices': byLarge(() => '0x0000000000000000000000000000000000000001'),
  'wallet, with 10,000 invoices': bySmall(() => '0x0000000000000000000000000000000000000002'),
  'payer, of 100,000 invoices': byLarge(() => `0x${'1'.padStart(40, '0')}`),
  'a beginning of 5,000 references': byLarge(n => `order-${(500_000 + even(n)).toString().slice(0, 2)}`),
  'nothing that is there': byLarge(n => `no-such-${n}`),
  'nothing of this merchant': bySmall(n => `order-${even(n)}`),
  'another merchant’s wallet': bySmall(() => '0x0000000000000000000000000000000000000001'),
};

type Statement = { text: string; values: unknown[] };
type Watched = { db: Db; client: pg.Client; statements: Statement[] };

/** One connection, and what was sent over it. */
async function openWatched({ connection }: Ground): Promise<Watched> {
  const statements: Statement[] = [];
  const client = new pg.Client(poolConfig(connection, 1));
  await client.connect();
  const lent = {
    query: (text: string, values: readonly unknown[]) => {
      statements.push({ text, values: [...values] });
      return client.query(text, [...values]);
    },
    release: () => undefined,
  };
  const pool = { connect: async () => lent, end: () => client.end() };
  return { db: new Kysely({ dialect: new PostgresDialect({ pool: pool as never }) }), client, statements };
}

/** Planning and running, in ms, of everything that was sent since the last time. */
async function timeInside({ client, statements }: Watched): Promise<number> {
  let spent = 0;
  for (const { text, values } of statements.splice(0)) {
    const { rows } = await client.query(`explain (analyze, timing off, format json) ${text}`, values);
    const [plan] = rows[0]['QUERY PLAN'];
    spent += plan['Planning Time'] + plan['Execution Time'];
  }
  return spent;
}

async function measure(
  watched: Watched,
  name: string,
  query: (n: number) => { merchantId: number; query: string },
): Promise<void> {
  const found: number[] = [];
  const times: number[] = [];
  const inside: number[] = [];
  const baseline: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const begun = performance.now();
    const invoices = await searchInvoices(watched.db, { ...query(n), before: null, limit: 100 });
    const searched = performance.now();
    inside.push(await timeInside(watched));
    const refetched = performance.now();
    await findInvoice(watched.db, LARGE, idOfLarge(n));
    baseline.push(performance.now() - refetched);
    watched.statements.length = 0;
    times.push(searched - begun);
    found.push(invoices.length);
  }
  const show = (values: readonly number[]) =>
    `p50 ${percentile(values, 0.5).toFixed(2)} p99 ${percentile(values, 0.99).toFixed(2)} ms`;
  const gain = ratio(percentile(times, 0.5), percentile(baseline, 0.5));
  console.log(
    `${name.padEnd(44)} ${String(percentile(found, 0.5)).padStart(3)} found; database ${show(inside)}; here ${show(times)} (${gain} of by id)`,
  );
}
