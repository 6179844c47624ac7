/**
 * What must be true of the tables at every moment, as queries that find the rows for which it is not. The simulator asks
 * after every step, `cryptoscan doctor` on a live database; docs/states.md explains each.
 */
import { sql } from 'kysely';
import { schedule } from '../domain/delivery.ts';
import { eventTypes, MOST_CHANGES } from '../domain/invoice.ts';
import { GRACE } from '../domain/match.ts';
import { MOST_RESTS } from '../domain/parts.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db } from './db.ts';
import { forgedInvoices, forgedWallets } from './genuine-wallets.ts';
import { ledgerInvariants } from './ledger-invariants.ts';

export type Invariant = {
  name: string;
  /** Selects one text per violation. */
  query: string;
};

export type Violation = { invariant: string; detail: string };

const grace = `interval '${GRACE} milliseconds'`;

/** The wait before each request, as SQL sees it. */
const waits = `array[${schedule.map(ms => `interval '${ms} milliseconds'`).join(', ')}]`;

/** The shortest hold a wallet may have: its own may have been another one when an invoice ended. */
const shortestHold = `interval '2 hours'`;

/**
 * Every way in which an invoice was asked to be paid: its own, and those its payer has replaced. All of these amounts are
 * held for it alike.
 */
const asked = `(
  select id as invoice_id, network, asset, wallet_id, address, address_key, final_units, final_decimals, method_at,
         merchant_id, status, requested_amount, coin_rate, ended_at, expire_at
    from invoices where network is not null
  union all
  select m.invoice_id, m.network, m.asset, m.wallet_id, m.address, m.address_key, m.final_units, m.final_decimals,
         m.method_at, i.merchant_id, i.status, i.requested_amount, m.coin_rate, i.ended_at, i.expire_at
    from replaced_methods m join invoices i on i.id = m.invoice_id)`;

/** Every amount that is held for an invoice: what it asked for, and what it asked for the rest of that. */
const amounts = `(
  select * from ${asked} a
  union all
  select m.invoice_id, m.network, m.asset, m.wallet_id, w.address, m.address_key, m.units, i.final_decimals, m.asked_at,
         i.merchant_id, i.status, i.requested_amount, i.coin_rate, i.ended_at, i.expire_at
    from remainders m join invoices i on i.id = m.invoice_id join wallets w on w.id = m.wallet_id)`;

/** The parts of an invoice that count or have counted for good: how many there are, and their sum. */
const parts = (state: 'pending' | 'settled') => `lateral (
  select count(*) as n, coalesce(sum(t.units), 0) as units from payments p join transfers t on t.id = p.transfer_id
   where p.invoice_id = i.id and p.state = '${state}' and p.kind in ('part', 'late_part'))`;

/** Payments that count on their own. */
const whole = (state: 'pending' | 'settled') => `(select count(*) from payments p
  where p.invoice_id = i.id and p.state = '${state}' and p.kind not in ('part', 'late_part'))`;

/** Joins the reservation of an asked amount. */
const held =
  'r.network = a.network and r.address_key = a.address_key and r.asset = a.asset and r.units = a.final_units';

/** Whether the units of a payment's transfer are not as the payment's kind says: exact, or less, or more; of a part any are. */
const differs = `(p.kind not in ('part', 'late_part')
  and sign(t.units - i.final_units) <> (case p.kind when 'under' then -1 when 'over' then 1 else 0 end))`;

/** Whether an event is of those of which an invoice has its end; the others are told beside them. */
const isMain = (outbox: string) => `${outbox}.type in (${eventTypes.map(type => `'${type}'`).join(', ')})`;

/**
 * The latest time the invoices know of. A create that takes over an ended hold and then loses its reference to another
 * one gives the amount back, and the earlier holder's row is gone; the one it lost to was created after the hold.
 */
const newest = 'select max(created_at) from invoices';

export const invariants: readonly Invariant[] = [
  {
    name: 'a transfer settles at most one invoice, an invoice is settled by one transfer or by parts that cover it',
    query: `select 'invoice ' || i.id from invoices i cross join ${parts('settled')} s
       where ${whole('settled')} > 1
          or (i.status = 'completed' and s.n > 0 and (${whole('settled')} > 0 or s.units < i.final_units))
      union all select 'transfer ' || transfer_id from payments group by transfer_id having count(*) > 1`,
  },
  {
    name: 'an open invoice holds exactly the amounts it asked for, without an end',
    query: `select 'invoice ' || a.invoice_id from ${amounts} a left join reservations r on ${held}
       where a.status in ('awaiting_method', 'new', 'confirming')
         and (r.invoice_id is distinct from a.invoice_id or r.held_until is not null)
      union all select 'invoice ' || i.id from invoices i join reservations r on r.invoice_id = i.id
        left join ${amounts} a on ${held} and a.invoice_id = i.id
       where i.ended_at is null and a.invoice_id is null`,
  },
  {
    name: 'an ended invoice holds its amounts until their holds are over, or a later invoice has taken them after that',
    query: `select 'invoice ' || a.invoice_id from ${amounts} a join wallets w on w.id = a.wallet_id
        left join reservations r on ${held}
        left join ${amounts} h on h.invoice_id = r.invoice_id and h.network = a.network and h.asset = a.asset
         and h.address_key = a.address_key and h.final_units = a.final_units
       where a.ended_at is not null and ((h.method_at, h.invoice_id) < (a.method_at, a.invoice_id)
          or (r.invoice_id = a.invoice_id and (r.held_until is null or r.held_until < a.ended_at))
          or (r.invoice_id is null and a.ended_at + make_interval(secs => w.hold_seconds) > (${newest})))`,
  },
  {
    name: 'no invoice takes an amount before the hold of the one before it has ended',
    // Each with the one right before it: where those are far enough apart, all are.
    query: `select 'invoice ' || invoice_id from (
         select h.*, lag(method_at) over earlier as before_at, lag(ended_at) over earlier as before_ended
           from (select distinct network, address_key, asset, final_units, method_at, invoice_id, ended_at from ${amounts} a) h
         window earlier as (partition by network, address_key, asset, final_units order by method_at, invoice_id)) held
       where before_at is not null and (before_ended is null or method_at < before_at + ${shortestHold})`,
  },
  {
    name: 'a completed invoice was paid to its wallet by exactly its amount, or by one recorded as less or more',
    query: `select 'invoice ' || i.id from invoices i
        left join payments p on p.invoice_id = i.id and p.state = 'settled' left join transfers t on t.id = p.transfer_id
       where i.status = 'completed' and (t.id is null or t.network <> i.network or t.to_key <> i.address_key
          or t.asset <> i.asset or ${differs} or not exists (
            select from payments o join transfers named on named.id = o.transfer_id
             where o.invoice_id = i.id and o.state = 'settled' and named.tx_id = i.transaction_id))`,
  },
  {
    name: 'an amount that counts for another one is nearer to that than half of the way to any other that was asked',
    // Whoever has expired asks no more, though the end may be a later one: a person confirmed it, or its shop takes what is late.
    query: `select 'payment ' || p.id from payments p join transfers t on t.id = p.transfer_id
        join ${asked} s on s.invoice_id = p.invoice_id and s.network = t.network and s.address_key = t.to_key
         and s.asset = t.asset
        join ${amounts} a on a.network = t.network and a.address_key = t.to_key and a.asset = t.asset
         and a.invoice_id <> s.invoice_id
       where p.kind in ('under', 'over') and p.state <> 'released' and a.method_at <= t.detected_at
         and (a.ended_at is null or least(a.ended_at, a.expire_at + ${grace}) >= t.block_time)
         and 2 * abs(t.units - s.final_units) >= abs(s.final_units - a.final_units)`,
  },
  {
    name: 'a completed invoice is marked with what is unusual about its payment',
    query: `select 'invoice ' || i.id from invoices i join payments p on p.invoice_id = i.id and p.state = 'settled'
       where i.status = 'completed' and coalesce(i.exception, '') not in ('reversed', case p.kind
         when 'under' then 'underpaid' when 'over' then 'overpaid' when 'late' then 'paid_late' else '' end,
         case p.kind when 'under' then 'underpaid' else 'duplicate' end)
         and not (p.kind in ('part', 'late_part') and i.exception in ('overpaid', 'paid_late'))
      union all select 'invoice ' || i.id from invoices i join payments p on p.invoice_id = i.id and p.state = 'settled'
       where i.status = 'completed' and p.kind = 'late_part' and i.exception is null`,
  },
  {
    name: 'an invoice is asked in what is being paid',
    query: `select 'invoice ' || i.id from invoices i join payments p on p.invoice_id = i.id and p.state = 'pending'
        join transfers t on t.id = p.transfer_id
       where i.status <> 'paid_manually' and ((t.network, t.to_key, t.asset)
         is distinct from (i.network, i.address_key, i.asset) or ${differs})`,
  },
  {
    name: 'an invoice asks in a coin on a network once, and for no more amounts than a payer may change to',
    query: `select 'invoice ' || m.invoice_id from replaced_methods m join invoices i on i.id = m.invoice_id
       where i.network is null or (i.network, i.asset) = (m.network, m.asset)
      union all select 'invoice ' || invoice_id from replaced_methods group by invoice_id having count(*) > ${MOST_CHANGES}`,
  },
  {
    name: 'a settled payment belongs to an invoice that is paid',
    query: `select 'payment ' || p.id from payments p join invoices i on i.id = p.invoice_id
       where p.state = 'settled' and i.status not in ('completed', 'paid_manually')`,
  },
  {
    name: 'an invoice that says nobody has seen what it was confirmed by is paid manually, and by nothing that has settled',
    query: `select 'invoice ' || i.id from invoices i where i.exception = 'unverified_manual'
         and (i.status <> 'paid_manually' or exists (
           select from payments p where p.invoice_id = i.id and p.state = 'settled'))`,
  },
  {
    name: 'a confirming invoice has exactly one payment under way, or parts that cover it; an open one no more than parts that do not',
    query: `select 'invoice ' || i.id from invoices i cross join ${parts('pending')} s
       where i.status in ('new', 'confirming', 'awaiting_method')
         and case when i.status = 'confirming' then ${whole('pending')} <> (case when s.n > 0 then 0 else 1 end)
                    or (s.n > 0 and s.units < i.final_units)
                  else ${whole('pending')} > 0 or s.units >= i.final_units end`,
  },
  {
    name: 'an invoice that is not paid is marked underpaid exactly while parts of it have come that do not cover it',
    query: `select 'invoice ' || i.id from invoices i cross join ${parts('pending')} s
       where i.status not in ('completed', 'paid_manually')
         and (s.n > 0 and s.units < i.final_units) <> (i.exception is not distinct from 'underpaid')`,
  },
  {
    name: 'what is asked for the rest is enough, and less than the whole',
    query: `select 'invoice ' || m.invoice_id from remainders m
        left join ${asked} a on a.invoice_id = m.invoice_id and a.network = m.network and a.asset = m.asset
         and a.address_key = m.address_key and a.wallet_id = m.wallet_id
       where (m.received + m.units >= a.final_units and m.units < a.final_units) is not true
      union all select 'invoice ' || invoice_id from remainders group by invoice_id having count(*) > ${MOST_RESTS}`,
  },
  {
    name: 'a matched transfer has a payment that counts, every other transfer has none',
    query: `select 'transfer ' || t.id from transfers t left join payments p on p.transfer_id = t.id and p.state <> 'released'
       where (t.state = 'matched') <> (p.id is not null)`,
  },
  {
    name: 'an ended invoice has the event it owes: paid comes last, once, after at most one other',
    query: `select 'invoice ' || i.id from invoices i left join lateral (
         select string_agg(o.type, ' ' order by o.id) as types from outbox o
          where o.invoice_id = i.id and ${isMain('o')}) e on true
       where coalesce(e.types, '') <> all (case i.status
         when 'completed' then array['paid', 'expired paid', 'cancelled paid']
         when 'expired' then array['expired']
         when 'cancelled' then array['cancelled']
         when 'paid_manually' then array['paid_manually', 'expired paid_manually', 'cancelled paid_manually']
         else array[''] end)`,
  },
  {
    name: 'every event has a delivery, and only the last event of an invoice has one that is open',
    query: `select 'event ' || o.id from outbox o where not exists (select from deliveries d where d.outbox_id = o.id)
      union all select 'delivery ' || d.id from deliveries d where d.state = 'open'
        and exists (select from outbox o where o.id = d.outbox_id and ${isMain('o')})
        and exists (select from outbox later where later.invoice_id = d.invoice_id and later.id > d.outbox_id
                       and ${isMain('later')})`,
  },
  {
    name: 'requests of a delivery are numbered from 0 without gaps, and none follows a 200',
    query: `select 'delivery ' || d.id from deliveries d left join lateral (
         select count(*) as n, max(number) as top, count(*) filter (where status = 200) as hits,
                max(number) filter (where status = 200) as hit from attempts a where a.delivery_id = d.id) a on true
       where a.n <> d.attempts or coalesce(a.top + 1, 0) <> a.n or a.hits > 1 or a.hit <> a.top
          or (d.state = 'delivered') <> (d.state <> 'superseded' and (a.hits = 1 or exists (
               select from resends r where r.outbox_id = d.outbox_id and r.status = 200)))
          or (d.state = 'exhausted' and a.n <> ${schedule.length})`,
  },
  {
    name: 'no request is sent before its time on the schedule',
    query: `select 'delivery ' || a.delivery_id || ' request ' || a.number from attempts a
        join attempts b on b.delivery_id = a.delivery_id and b.number = a.number - 1
       where a.started_at < b.started_at + (${waits})[a.number + 1]`,
  },
  {
    name: 'an invoice expires only after its deadline and grace, and only once the chain was read past them',
    query: `select 'invoice ' || i.id from invoices i where i.status = 'expired' and i.ended_at <= i.expire_at + ${grace}`,
  },
  {
    name: 'the cursor is the highest stored block and never below what it calls final',
    query: `select 'network ' || c.network from cursors c where c.final_height > c.height
         or (select max(b.height) from blocks b where b.network = c.network) is distinct from c.height
         or (select b.hash from blocks b where b.network = c.network and b.height = c.height) is distinct from c.hash`,
  },
  {
    name: 'no transfer stands on a block above the cursor',
    query: `select 'transfer ' || t.id from transfers t join cursors c on c.network = t.network and c.epoch = t.epoch
       where t.height > c.height`,
  },
  {
    name: 'the amount due is never below the amount asked',
    query: `select 'invoice ' || a.invoice_id from ${asked} a
       where a.final_units / power(10::numeric, a.final_decimals) < round(a.requested_amount * coalesce(a.coin_rate, 1), 8)`,
  },
  {
    name: "an invoice's address is that of its wallet",
    query: `select 'invoice ' || a.invoice_id from ${asked} a join wallets w on w.id = a.wallet_id
       where (a.address, a.address_key, a.network, a.asset, a.merchant_id)
         is distinct from (w.address, w.address_key, w.network, w.asset, w.merchant_id)`,
  },
  {
    name: 'nobody is told of a payment that was none',
    query: `select 'notice ' || n.id from notices n where n.kind = 'paid' and not exists (
         select from invoices i where i.id::text = n.subject and i.status in ('completed', 'paid_manually'))`,
  },
  ...ledgerInvariants,
];

const everything = invariants
  .map(({ query }, index) => `select ${index} as n, v.detail from (${query}) as v (detail)`)
  .join(' union all ');

/**
 * Every violation there is, at most 100 of them, in one statement and so of one moment. All are found before they are counted:
 * a plan for the first hundred would walk from row to row, and there are none.
 */
export async function findViolations(db: Db): Promise<Violation[]> {
  const { rows } = await sql<{
    n: number;
    detail: string;
  }>`with found as materialized (${sql.raw(everything)})
    select * from found limit 100`.execute(db);
  return rows.map(({ n, detail }) => ({ invariant: invariants[n]?.name ?? '', detail }));
}

/** Wallets whose address is not the one that was registered: the database was changed behind our back. */
export async function findForgedWallets(db: Db, vault: Vault): Promise<Violation[]> {
  return [...(await forgedWallets(db, vault)), ...(await forgedInvoices(db, vault))].map(({ kind, id }) => ({
    invariant: 'a wallet is as it was registered',
    detail: `${kind} ${id}`,
  }));
}
