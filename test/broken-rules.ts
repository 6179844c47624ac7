/** Ways to break by hand what must always be true of the tables, for the test of the invariants. */
import { type RawBuilder, sql } from 'kysely';
import { amountBreaks, settledBy } from './broken-amounts.ts';
import { partBreaks } from './broken-parts.ts';

/** The invoices of the world that is broken, by what became of them. */
export type InvoiceIds = Record<
  | 'completed'
  | 'cancelled'
  | 'taken'
  | 'taker'
  | 'confirming'
  | 'late'
  | 'open'
  | 'manual'
  | 'changed'
  | 'gone'
  | 'joined'
  | 'parted',
  number
>;

export type Break = [what: string, statements: (ids: InvoiceIds) => RawBuilder<unknown>[], named: string];

/** The constraints that stand in the way of what must never happen. */
const without = {
  settledOnce: sql`drop index payments_settled_once`,
  transferOnce: sql`alter table payments drop constraint payments_transfer_id_key`,
  eventOnce: sql`alter table outbox drop constraint outbox_invoice_id_type_key`,
};

/** The number of the transfer that is made up. */
const MADE_UP = 900;

const addTransfer = (ids: InvoiceIds, state = 'matched') => sql`
  insert into transfers (id, network, epoch, tx_id, asset, from_key, to_key, units, ordinal, height, block_hash,
    block_time, state, invoice_id, detected_at)
  overriding system value
  select ${MADE_UP}, network, 1, 'made up', asset, 'x', address_key, 1, 0, 100, 'h', created_at, ${state}, id, created_at
    from invoices where id = ${ids.completed}`;

const addPayment = (transfer: number, invoice: number, state = 'pending') => sql`
  insert into payments (transfer_id, invoice_id, state, created_at, settled_at)
  select ${transfer}, id, ${state}, created_at, case when ${state} = 'settled' then created_at end
    from invoices where id = ${invoice}`;

const addEvent = (invoice: number, type: string) => sql`
  insert into outbox (invoice_id, merchant_id, type, webhook_id, data, created_at)
  select invoice_id, merchant_id, ${type}, 'again', data, created_at from outbox where invoice_id = ${invoice}`;

/** Ways to break each rule, by the name of the rule; and who is then named: of an invoice, by its name in the ids. */
export const breaks: Record<string, Break[]> = {
  'a transfer settles at most one invoice, an invoice is settled by one transfer or by parts that cover it': [
    ...partBreaks.settled,
    [
      'an invoice settled twice',
      ids => [without.settledOnce, addTransfer(ids), addPayment(MADE_UP, ids.completed, 'settled')],
      'invoice completed',
    ],
    [
      'a transfer with two payments',
      _ids => [
        without.transferOnce,
        sql`insert into payments (transfer_id, invoice_id, state, created_at)
          select transfer_id, invoice_id, 'released', created_at from payments where state = 'settled' order by transfer_id limit 1`,
      ],
      'transfer 1',
    ],
  ],
  ...amountBreaks,
  'a settled payment belongs to an invoice that is paid': [
    ...(['expired', 'cancelled'] as const).map(
      (status): Break => [
        `a settled payment of an invoice that is ${status}`,
        ids => [sql`update invoices set status = ${status} where id = ${ids.completed}`],
        'payment',
      ],
    ),
    [
      'a settled payment of an open invoice',
      ids => [addTransfer(ids), addPayment(MADE_UP, ids.open, 'settled')],
      'payment',
    ],
  ],
  'an invoice that says nobody has seen what it was confirmed by is paid manually, and by nothing that has settled':
    [
      [
        'a settled payment of one that nobody is said to have seen',
        ids => [
          sql`update invoices set exception = 'unverified_manual' where id = ${ids.manual}`,
          addTransfer(ids),
          addPayment(MADE_UP, ids.manual, 'settled'),
        ],
        'invoice manual',
      ],
      [
        'one that was completed',
        ids => [sql`update invoices set exception = 'unverified_manual' where id = ${ids.completed}`],
        'invoice completed',
      ],
    ],
  'a confirming invoice has exactly one payment under way, or parts that cover it; an open one no more than parts that do not':
    [
      ...partBreaks.confirming,
      [
        'confirming without a payment',
        ids => [sql`delete from payments where invoice_id = ${ids.confirming}`],
        'invoice confirming',
      ],
      [
        'confirming with two',
        ids => [addTransfer(ids), addPayment(MADE_UP, ids.confirming)],
        'invoice confirming',
      ],
      ['open with one', ids => [addTransfer(ids), addPayment(MADE_UP, ids.open)], 'invoice open'],
    ],
  'an invoice that is not paid is marked underpaid exactly while parts of it have come that do not cover it':
    partBreaks.underpaid,
  'what is asked for the rest is enough, and less than the whole': partBreaks.rest,
  'a matched transfer has a payment that counts, every other transfer has none': [
    ['matched without a payment', ids => [addTransfer(ids)], `transfer ${MADE_UP}`],
    [
      'matched with a released payment',
      ids => [sql`update payments set state = 'released' where invoice_id = ${ids.confirming}`],
      'transfer',
    ],
    [
      'pending with a payment',
      ids => [addTransfer(ids, 'pending'), addPayment(MADE_UP, ids.open)],
      `transfer ${MADE_UP}`,
    ],
  ],
  'an ended invoice has the event it owes: paid comes last, once, after at most one other': [
    ...(['paid_manually', 'completed', 'expired', 'cancelled'] as const).map(
      (status): Break => [
        `one that is ${status} and nobody was told of`,
        ids => [
          sql`delete from attempts`,
          sql`delete from deliveries`,
          sql`delete from outbox where invoice_id = ${ids.completed}`,
          sql`update invoices set status = ${status} where id = ${ids.completed}`,
        ],
        'invoice completed',
      ],
    ),
    [
      'an event of an open invoice',
      ids => [sql`update outbox set invoice_id = ${ids.open} where invoice_id = ${ids.cancelled}`],
      'invoice open',
    ],
    ['paid told twice', ids => [without.eventOnce, addEvent(ids.completed, 'paid')], 'invoice completed'],
    ['expired told after paid', ids => [addEvent(ids.completed, 'expired')], 'invoice completed'],
  ],
  'every event has a delivery, and only the last event of an invoice has one that is open': [
    [
      'an event without a delivery',
      ids => [sql`delete from attempts`, sql`delete from deliveries where invoice_id = ${ids.manual}`],
      'event',
    ],
    [
      'an earlier event that is still open',
      ids => [
        sql`update deliveries set state = 'open', ended_at = null where invoice_id = ${ids.cancelled}`,
        addEvent(ids.cancelled, 'paid'),
      ],
      'delivery',
    ],
  ],
  'requests of a delivery are numbered from 0 without gaps, and none follows a 200': [
    ['a request that is not on record', _ids => [sql`delete from attempts where number = 0`], 'delivery'],
    [
      'a request counted twice',
      ids => [sql`update deliveries set attempts = attempts + 1 where invoice_id = ${ids.completed}`],
      'delivery',
    ],
    [
      'a request after a 200',
      _ids => [
        sql`update attempts set status = 200 where number = 0`,
        sql`update attempts set status = 500 where number = 1`,
      ],
      'delivery',
    ],
    ['delivered without a 200', _ids => [sql`update attempts set status = 204 where number = 1`], 'delivery'],
    [
      'a 200 that delivered nothing',
      ids => [sql`update deliveries set state = 'no_endpoint' where invoice_id = ${ids.completed}`],
      'delivery',
    ],
    [
      'given up before the tenth',
      _ids => [sql`update attempts set status = 500`, sql`update deliveries set state = 'exhausted'`],
      'delivery',
    ],
  ],
  'no request is sent before its time on the schedule': [
    [
      'a request a millisecond early',
      _ids => [sql`update attempts set started_at = started_at - interval '1 millisecond' where number = 1`],
      'delivery',
    ],
  ],
  'an invoice expires only after its deadline and grace, and only once the chain was read past them': [
    [
      'expired at its deadline, before the grace has passed',
      ids => [
        sql`update invoices set status = 'expired', ended_at = expire_at + interval '2 minutes' where id = ${ids.cancelled}`,
        sql`update outbox set type = 'expired' where invoice_id = ${ids.cancelled}`,
      ],
      'invoice cancelled',
    ],
  ],
  'the cursor is the highest stored block and never below what it calls final': [
    [
      'a cursor below what is final',
      _ids => [sql`update cursors set final_height = height + 1`],
      'network TRC-20',
    ],
    [
      'a cursor whose block is not stored',
      _ids => [sql`delete from blocks where height = 120`],
      'network TRC-20',
    ],
    ['a cursor on another block', _ids => [sql`update cursors set hash = 'x'`], 'network TRC-20'],
    [
      'a stored block above it',
      _ids => [sql`insert into blocks values ('TRC-20', 121, 'x', '2026-01-01')`],
      'network TRC-20',
    ],
  ],
  'no transfer stands on a block above the cursor': [
    [
      'a transfer above the cursor',
      ids => [sql`update transfers set height = 121 where ${settledBy(ids.confirming)}`],
      'transfer',
    ],
  ],
  'the amount due is never below the amount asked': [
    [
      'less due than asked',
      ids => [sql`update invoices set requested_amount = 1000 where id = ${ids.open}`],
      'invoice open',
    ],
    [
      'less due of a coin that is worth less than a dollar',
      ids => [
        sql`update invoices set asset = 'TRX', coin_rate = 3, coin_rate_origin = '{}' where id = ${ids.open}`,
      ],
      'invoice open',
    ],
    [
      'less due than asked in an amount that was replaced',
      ids => [sql`update replaced_methods set final_units = 1 where invoice_id = ${ids.changed}`],
      'invoice changed',
    ],
  ],
  "an invoice's address is that of its wallet": [
    [
      "an address that is not the wallet's",
      ids => [sql`update invoices set address = 'TX' where id = ${ids.open}`],
      'invoice open',
    ],
    [
      'an address on another network than its wallet',
      ids => [sql`update invoices set network = 'BEP-20' where id = ${ids.open}`],
      'invoice open',
    ],
    [
      'an address for another coin than its wallet',
      ids => [sql`update invoices set asset = 'USDC' where id = ${ids.open}`],
      'invoice open',
    ],
    [
      "a replaced address that is not the wallet's",
      ids => [sql`update replaced_methods set address_key = 'x' where invoice_id = ${ids.changed}`],
      'invoice changed',
    ],
    [
      'a wallet of another merchant',
      _ids => [sql`update wallets set merchant_id = 2 where id = 1`],
      'invoice open',
    ],
  ],
  'nobody is told of a payment that was none': [
    ...(['open', 'confirming', 'cancelled'] as const).map(
      (name): Break => [
        `a notice of an invoice that is ${name}`,
        ids => [
          sql`insert into notices (person_id, channel, kind, subject, created_at)
              select 1, 'email', 'paid', id::text, created_at from invoices where id = ${ids[name]}`,
        ],
        'notice',
      ],
    ),
  ],
};
