/** The rows of an installation of some years: every invoice with its payment, its event, its webhook and its commission. */
import { sql } from 'kysely';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, makeMerchant, makeWallet, vault } from './ground.ts';

const MERCHANTS = 50;
const LARGE = 1;

/** Every second invoice is the large merchant's; 4 of 10 are paid, the others expired. One a minute, all of them ended. */
export async function fillInstallation(ground: Ground, count: number): Promise<void> {
  await checkMasterKey(ground.db, vault, ground.clock.now());
  for (let n = 1; n <= MERCHANTS; n++) {
    const { id } = await makeMerchant(ground);
    await makeWallet(ground, { merchantId: id, address: `0x${n.toString(16).padStart(40, '0')}` });
  }
  for (const statement of statements(count)) await sql.raw(statement).execute(ground.db);
  await sql`vacuum analyze`.execute(ground.db);
}

const statements = (count: number) => [
  `insert into invoices (merchant_id, client_reference_id, metadata, compat, requested_amount, commission, commission_percent,
       network, asset, wallet_id, address, address_key, final_units, final_decimals, status, transaction_id, payer_wallet,
       paid_at, created_at, expire_at, ended_at, version, method_at)
     select w.merchant_id, 'order-' || n, '{"user":' || n % 100000 || '}', false, 10, 0.1, 1, 'ERC-20', 'USDT', w.id, w.address,
       w.address_key, 10000000 + n % 999, 6, p.status, case when p.paid then '0x' || md5(n::text) || md5((-n)::text) end,
       case when p.paid then '0x' || lpad(md5((n % 200000)::text), 40, '0') end,
       case when p.paid then t.at + interval '8 minutes' end, t.at, t.at + interval '30 minutes',
       t.at + case when p.paid then interval '10 minutes' else interval '33 minutes' end, 1, t.at
     from generate_series(1, ${count}) n
     join wallets w on w.merchant_id = case when n % 2 = 0 then ${LARGE} else 2 + n / 2 % ${MERCHANTS - 1} end
     join lateral (select n % 10 < 4 as paid, case when n % 10 < 4 then 'completed' else 'expired' end as status) p on true
     join lateral (select timestamptz '2024-01-01' + n * interval '1 minute' as at) t on true
     order by n`,
  `insert into transfers (network, epoch, tx_id, asset, from_key, to_key, units, ordinal, height, block_hash, block_time, state,
       invoice_id, detected_at)
     select network, 1, transaction_id, asset, substr(payer_wallet, 3), address_key, final_units, 0, id, '0x' || md5(id::text),
       paid_at, 'matched', id, paid_at from invoices where status = 'completed' order by id`,
  `insert into payments (transfer_id, invoice_id, state, created_at, settled_at, kind)
     select t.id, i.id, 'settled', i.paid_at, i.ended_at, 'exact' from transfers t join invoices i on i.id = t.invoice_id
      order by i.id`,
  `insert into outbox (invoice_id, merchant_id, type, webhook_id, data, created_at)
     select id, merchant_id, case status when 'completed' then 'paid' else 'expired' end, 'msg_' || md5(id::text),
       '{"id":' || id || ',"padding":"' || repeat(md5(id::text), 16) || '"}', ended_at from invoices order by id`,
  `insert into deliveries (outbox_id, invoice_id, merchant_id, state, attempts, due_at, ended_at)
     select id, invoice_id, merchant_id, 'delivered', 1, created_at, created_at from outbox order by id`,
  `insert into attempts (delivery_id, number, url, started_at, ended_at, status, headers, body)
     select id, 0, 'https://shop.example/hook', ended_at, ended_at, 200, '[]', 'OK' from deliveries order by id`,
  `insert into accounts (kind, user_id, currency, balance, created_at)
     select 'user_balance', u.id, 'USD', coalesce(-sum(i.commission), 0), u.created_at
       from users u join merchants m on m.user_id = u.id join invoices i on i.merchant_id = m.id and i.status = 'completed'
      group by u.id union all select 'operator_revenue', null, 'USD', null, '2024-01-01'`,
  `with entries as (
       insert into journal_entries (kind, invoice_id, n, created_at)
       select 'commission', id, 0, ended_at from invoices where status = 'completed' order by id returning id, invoice_id)
     insert into postings (entry_id, account_id, amount)
     select e.id, a.id, case a.kind when 'user_balance' then -i.commission else i.commission end
       from entries e join invoices i on i.id = e.invoice_id cross join accounts a`,
  // What the holds of the latest invoices still keep, and the last block that was read.
  `insert into reservations (network, address_key, asset, units, invoice_id, held_until)
     select i.network, i.address_key, i.asset, i.final_units, i.id, i.ended_at + make_interval(secs => w.hold_seconds)
       from invoices i join wallets w on w.id = i.wallet_id
      where i.ended_at + make_interval(secs => w.hold_seconds) > (select max(created_at) from invoices)`,
  `insert into cursors (network, epoch, genesis, height, hash, block_time, final_height, tip_height, caught_up_at, version)
     select 'ERC-20', 1, '0x00', ${count} + 100, '0x01', now(), ${count}, ${count} + 100, now(), 1`,
  `insert into blocks (network, height, hash, block_time) select network, height, hash, block_time from cursors`,
];
