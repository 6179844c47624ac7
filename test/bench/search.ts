/**
 * Search by each documented field among 1,000,000 invoices, half of them one merchant's. Baseline: fetching the invoice by
 * its id. Timed from the statement sent to the last row read, in this process, on a connection that is warm.
 */
import { sql } from 'kysely';
import { findInvoice } from '../../server/src/store/invoices.ts';
import { searchInvoices } from '../../server/src/store/search-invoices.ts';
import { type Ground, makeMerchant, makeWallet, onGround, percentile, ratio } from './ground.ts';

const INVOICES = 1_000_000;
const OTHERS = 50;
const ASKED = 200;

/** Every second invoice is the large merchant's, and older than those that the others share. */
const LARGE = 1;

export async function benchSearch(): Promise<void> {
  await onGround(async ground => {
    for (let n = 1; n <= OTHERS + 1; n++) {
      const { id } = await makeMerchant(ground);
      const address = `0x${n.toString(16).padStart(40, '0')}`;
      await makeWallet(ground, { merchantId: id, address });
    }
    await fill(ground);
    for (const [name, query] of Object.entries(queries)) await measure(ground, name, query);
  });
}

/** Ended invoices, as an installation of some years has them: references count up, payers are a few large ones and many small. */
async function fill({ db }: Ground): Promise<void> {
  await sql`
    insert into invoices (merchant_id, client_reference_id, metadata, compat, requested_amount, commission, network, asset,
        wallet_id, address, address_key, final_units, final_decimals, status, transaction_id, payer_wallet, paid_at,
        created_at, expire_at, ended_at, version)
      select w.merchant_id, 'order-' || n, case when n % 4 < 2 then '{"user":' || n % 100000 || '}' end, false, 10, 0,
        'ERC-20', 'USDT', w.id, w.address, w.address_key, 10000000 + n % 999, 6, p.status,
        case when p.paid then '0x' || md5(n::text) || md5((-n)::text) end,
        case when p.paid then '0x' || lpad(case when n % 5 = 0 then '1' else md5((n % 200000)::text) end, 40, '0') end,
        case when p.paid then t.at end, t.at, t.at + interval '30 minutes', t.at + interval '10 minutes', 1
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

async function measure(
  { db }: Ground,
  name: string,
  query: (n: number) => { merchantId: number; query: string },
): Promise<void> {
  const found: number[] = [];
  const times: number[] = [];
  const baseline: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const begun = performance.now();
    const invoices = await searchInvoices(db, { ...query(n), before: null, limit: 100 });
    const searched = performance.now();
    await findInvoice(db, LARGE, idOfLarge(n));
    baseline.push(performance.now() - searched);
    times.push(searched - begun);
    found.push(invoices.length);
  }
  const [p50, p99, bare] = [percentile(times, 0.5), percentile(times, 0.99), percentile(baseline, 0.5)];
  console.log(
    `${name}: ${percentile(found, 0.5)} found, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (${ratio(p50, bare)} of by id)`,
  );
}
