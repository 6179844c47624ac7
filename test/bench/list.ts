/**
 * The list of invoices narrowed by each filter alone and by several, among the 1,000,000 invoices of search.ts and those of
 * an operator's thousands of small merchants. A page of 50, from the first statement sent to the last row read. Baseline:
 * the plain first page, in the same run.
 */
import { sql } from 'kysely';
import { parsePrice } from '../../server/src/domain/money.ts';
import type { Db } from '../../server/src/store/db.ts';
import type { InvoiceFilter } from '../../server/src/store/invoice-filter.ts';
import { listInvoices } from '../../server/src/store/list-invoices.ts';
import { searchInvoices } from '../../server/src/store/search-invoices.ts';
import { onGround, percentile, ratio } from './ground.ts';
import { fillWithInvoices, LARGE } from './search.ts';

const ASKED = 100;
const PAGE = 50;

export async function benchList(): Promise<void> {
  await onGround(async ground => {
    await fillWithInvoices(ground);
    await addSmallMerchants(ground.db);
    const plain = await timed(() => pageOf(ground.db, asked(narrowed)));
    console.log(`${'nothing: the plain first page'.padEnd(52)} ${plain.shown}`);
    for (const [name, query] of Object.entries(queries)) {
      const { p50, shown } = await timed(() => pageOf(ground.db, query));
      console.log(`${name.padEnd(52)} ${shown} (${ratio(p50, plain.p50)} of the plain page)`);
    }
    await compareText(ground.db);
  });
}

type Asked = { filter: InvoiceFilter; before: number | null };

const narrowed: InvoiceFilter = {
  merchantIds: [LARGE],
  statuses: [],
  exception: null,
  network: null,
  asset: null,
  createdFrom: null,
  createdTo: null,
  amountFrom: null,
  amountTo: null,
  text: null,
};

const asked = (filter: Partial<InvoiceFilter>, before: number | null = null) => ({
  filter: { ...narrowed, ...filter },
  before,
});

const price = (text: string) => {
  const parsed = parsePrice(text);
  return parsed.ok ? parsed.value : null;
};

const SMALL = 2949;
const EACH = 30;
const merchants = (length: number) => Array.from({ length }, (_, index) => index + 1);
const [dozens, thousands] = [merchants(51), merchants(51 + SMALL)];

/** Of one user, each with a few invoices of the whole time. */
async function addSmallMerchants(db: Db): Promise<void> {
  await sql`
    insert into merchants (user_id, name, url, auth, payment_minutes, compat, private_key_header, webhook_secret, created_at)
    select user_id, name || n, url, auth, payment_minutes, compat, private_key_header, webhook_secret, created_at
      from merchants cross join generate_series(1, ${SMALL}::int) n where id = 2 order by n`.execute(db);
  await sql`
    insert into invoices (merchant_id, client_reference_id, metadata, compat, requested_amount, commission, network, asset,
        wallet_id, address, address_key, final_units, final_decimals, status, transaction_id, payer_wallet, paid_at,
        created_at, expire_at, ended_at, version, method_at)
    select 52 + row_number() over (order by created_at) % ${SMALL}, client_reference_id, metadata, compat, requested_amount,
        commission, network, asset, wallet_id, address, address_key, final_units, final_decimals, status, transaction_id,
        payer_wallet, paid_at, created_at, expire_at, ended_at, version, method_at
      from invoices where merchant_id = ${LARGE} order by id limit ${SMALL * EACH}::int`.execute(db);
  await sql`vacuum analyze`.execute(db);
}
const summer = { createdFrom: Date.UTC(2024, 5, 1), createdTo: Date.UTC(2024, 5, 8) };

const queries: Record<string, Asked> = {
  'nothing, 400,000 invoices further back': asked({}, 100_000),
  'a status that 300,000 have': asked({ statuses: ['expired'] }),
  'a status that nobody has': asked({ statuses: ['cancelled'] }),
  'all three ends together': asked({ statuses: ['expired', 'completed', 'cancelled'] }),
  'a network that all have': asked({ network: 'ERC-20' }),
  'a network that nobody has': asked({ network: 'BASE' }),
  'a coin on a network': asked({ network: 'ERC-20', asset: 'USDT' }),
  'an exception': asked({ exception: 'any' }),
  'a week, a year back': asked(summer),
  'a week and a status': asked({ ...summer, statuses: ['completed'] }),
  'an amount that all have': asked({ amountFrom: price('10'), amountTo: price('10') }),
  'an amount that nobody has': asked({ amountFrom: price('11'), amountTo: price('12') }),
  'a text that all begin with': asked({ text: 'order-' }),
  'a text and a status': asked({ text: 'order-', statuses: ['completed'] }),
  'a status, a coin, an amount and a week': asked({
    ...summer,
    statuses: ['completed'],
    network: 'ERC-20',
    asset: 'USDT',
    amountFrom: price('10'),
  }),
  'a coin, and a status that nobody has': asked({
    network: 'ERC-20',
    asset: 'USDT',
    statuses: ['cancelled'],
  }),
  'nothing, of 51 merchants': asked({ merchantIds: dozens }),
  'a status, of 51 merchants': asked({ merchantIds: dozens, statuses: ['completed'] }),
  'a text, of 51 merchants': asked({ merchantIds: dozens, text: 'order-77' }),
  'nothing, of 3,000 merchants': asked({ merchantIds: thousands }),
  'a status, of 3,000 merchants': asked({ merchantIds: thousands, statuses: ['completed'] }),
  'a coin on a network, of 3,000 merchants': asked({
    merchantIds: thousands,
    network: 'ERC-20',
    asset: 'USDT',
  }),
  'a text, of 3,000 merchants': asked({ merchantIds: thousands, text: 'order-77' }),
  'a text that all begin with, of 3,000 merchants': asked({ merchantIds: thousands, text: 'order-' }),
  'a text that nobody has, of 3,000 merchants': asked({ merchantIds: thousands, text: 'nothing' }),
};

async function pageOf(db: Db, { filter, before }: Asked): Promise<number> {
  return (await listInvoices(db, { filter, before, limit: PAGE })).invoices.length;
}

/** As it would be if nothing were asked of several at once. */
async function eachAlone(db: Db, query: string): Promise<number> {
  let found = 0;
  for (const merchantId of dozens)
    found += (await searchInvoices(db, { merchantId, query, before: null, limit: 200 })).length;
  return found;
}

/** By turns, so that both have the same of what else the machine does. */
async function compareText(db: Db): Promise<void> {
  const ways = {
    'a text, of 51 merchants together': () => pageOf(db, asked({ merchantIds: dozens, text: 'order-77' })),
    'one by one': () => eachAlone(db, 'order-77'),
  };
  const times = Object.entries(ways).map(([name, ask]) => ({ name, ask, taken: [] as number[] }));
  for (let n = 0; n < ASKED; n++)
    for (const { ask, taken } of times) {
      const begun = performance.now();
      await ask();
      taken.push(performance.now() - begun);
    }
  for (const { name, taken } of times)
    console.log(
      `${name.padEnd(52)} p50 ${percentile(taken, 0.5).toFixed(2)} p99 ${percentile(taken, 0.99).toFixed(2)} ms`,
    );
}

async function timed(ask: () => Promise<number>) {
  const times: number[] = [];
  let found = 0;
  for (let n = 0; n < ASKED; n++) {
    const begun = performance.now();
    found = await ask();
    times.push(performance.now() - begun);
  }
  const p50 = percentile(times, 0.5);
  const p99 = percentile(times, 0.99);
  return { p50, shown: `${String(found).padStart(2)} found; p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms` };
}
