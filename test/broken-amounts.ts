/** Ways to break by hand what must always be true of the amounts that invoices hold, for the test of the invariants. */
import { sql } from 'kysely';
import { partBreaks } from './broken-parts.ts';
import type { Break, InvoiceIds } from './broken-rules.ts';

/** Picks the transfers of the transaction that an invoice names. */
export const settledBy = (invoice: number) =>
  sql`tx_id = (select transaction_id from invoices where id = ${invoice})`;

const amountOf = (invoice: number) => sql`(network, address_key, asset, units) in
  (select network, address_key, asset, final_units from invoices where id = ${invoice})`;

/** What an invoice asked for before its payer changed the coin. */
const replacedBy = (invoice: number) => sql`(network, address_key, asset, units) in
  (select network, address_key, asset, final_units from replaced_methods where invoice_id = ${invoice})`;

/** Lets an invoice have asked in another coin before, without a word to anybody. */
const addReplaced = (invoice: number, assets: readonly string[]) => sql`
  insert into replaced_methods (invoice_id, network, asset, wallet_id, address, address_key, final_units, final_decimals,
    commission, method_at, replaced_at)
  select id, network, a.asset, wallet_id, address, address_key, final_units, final_decimals, 0, method_at, method_at
    from invoices, unnest(${assets}::text[]) as a (asset) where id = ${invoice}`;

/** Lets the payment that is confirming be right between its own amount and that of another invoice. */
const betweenTwo = (ids: InvoiceIds, kind: 'under' | 'over') => {
  const way = kind === 'under' ? -1 : 1;
  return [
    sql`update transfers set units = units + ${way * 1000} where ${settledBy(ids.confirming)}`,
    sql`update payments p set kind = ${kind} from transfers t where t.id = p.transfer_id and ${settledBy(ids.confirming)}`,
    sql`update invoices o set network = c.network, address_key = c.address_key, asset = c.asset,
        final_units = c.final_units + ${way * 2000}, method_at = c.method_at
        from invoices c where c.id = ${ids.confirming} and o.id = ${ids.open}`,
  ];
};

export const amountBreaks: Record<string, Break[]> = {
  'an open invoice holds exactly the amounts it asked for, without an end': [
    ...partBreaks.open,
    [
      'an open invoice without its amount',
      ids => [sql`delete from reservations where ${amountOf(ids.open)}`],
      'invoice open',
    ],
    [
      'an open invoice whose amount another holds',
      ids => [sql`update reservations set invoice_id = ${ids.confirming} where ${amountOf(ids.open)}`],
      'invoice open',
    ],
    [
      'a hold of an open invoice that ends',
      ids => [sql`update reservations set held_until = '2030-01-01' where ${amountOf(ids.confirming)}`],
      'invoice confirming',
    ],
    [
      'a replaced amount of an open invoice that is free',
      ids => [sql`delete from reservations where ${replacedBy(ids.changed)}`],
      'invoice changed',
    ],
    [
      'a hold of a replaced amount that ends before its invoice',
      ids => [sql`update reservations set held_until = '2030-01-01' where ${replacedBy(ids.changed)}`],
      'invoice changed',
    ],
    [
      'an amount held for an open invoice that an ended one asked for',
      ids => [sql`update reservations set invoice_id = ${ids.open} where ${amountOf(ids.cancelled)}`],
      'invoice open',
    ],
    [
      'an amount held for an invoice that never asked for it',
      ids => [sql`insert into reservations values ('TRC-20', 'x', 'USDT', 1, ${ids.open}, null)`],
      'invoice open',
    ],
  ],
  'an ended invoice holds its amounts until their holds are over, or a later invoice has taken them after that':
    [
      ...partBreaks.ended,
      [
        'an ended invoice without its amount',
        ids => [sql`delete from reservations where ${amountOf(ids.completed)}`],
        'invoice completed',
      ],
      [
        'an amount that is free a minute before its hold is over',
        ids => [
          sql`delete from reservations where ${amountOf(ids.completed)}`,
          sql`update invoices i set ended_at = (select max(created_at) from invoices) + interval '1 minute'
              - make_interval(secs => w.hold_seconds) from wallets w where i.id = ${ids.completed} and w.id = i.wallet_id`,
        ],
        'invoice completed',
      ],
      [
        'a hold that never ends',
        ids => [sql`update reservations set held_until = null where ${amountOf(ids.cancelled)}`],
        'invoice cancelled',
      ],
      [
        'a hold that ended before the invoice',
        ids => [sql`update reservations set held_until = '2020-01-01' where ${amountOf(ids.cancelled)}`],
        'invoice cancelled',
      ],
      [
        'an amount that went back to an earlier invoice',
        ids => [
          sql`update reservations set invoice_id = ${ids.completed} where ${amountOf(ids.cancelled)}`,
          sql`update invoices set (network, address_key, asset, final_units) =
          (select network, address_key, asset, final_units from invoices where id = ${ids.cancelled}) where id = ${ids.completed}`,
        ],
        'invoice cancelled',
      ],
      [
        'a replaced amount whose hold never ends',
        ids => [sql`update reservations set held_until = null where ${replacedBy(ids.gone)}`],
        'invoice gone',
      ],
      [
        'a replaced amount that is free at once',
        ids => [sql`delete from reservations where ${replacedBy(ids.gone)}`],
        'invoice gone',
      ],
    ],
  'no invoice takes an amount before the hold of the one before it has ended': [
    [
      'an amount taken during the hold of the one before',
      ids => [sql`update invoices set method_at = method_at - interval '2 hours' where id = ${ids.taker}`],
      'invoice taker',
    ],
    [
      'an amount taken a minute before the shortest hold is over',
      ids => [
        sql`update invoices i set method_at = o.method_at + interval '119 minutes' from invoices o
             where i.id = ${ids.taker} and o.id = ${ids.taken}`,
      ],
      'invoice taker',
    ],
    [
      'an amount taken from an open invoice',
      ids => [sql`update invoices set status = 'new', ended_at = null where id = ${ids.taken}`],
      'invoice taker',
    ],
    [
      'an amount taken that an open invoice has asked for before',
      ids => [
        sql`update invoices i set network = m.network, address_key = m.address_key, asset = m.asset,
          final_units = m.final_units from replaced_methods m where m.invoice_id = ${ids.changed} and i.id = ${ids.open}`,
        sql`update invoices set method_at = method_at + interval '1 hour' where id = ${ids.open}`,
      ],
      'invoice open',
    ],
  ],
  'a completed invoice was paid to its wallet by exactly its amount, or by one recorded as less or more': [
    [
      'completed without a payment',
      ids => [sql`delete from payments where invoice_id = ${ids.completed}`],
      'invoice completed',
    ],
    [
      'completed by another amount',
      ids => [sql`update transfers set units = units + 1 where ${settledBy(ids.completed)}`],
      'invoice completed',
    ],
    [
      'completed by a payment to another wallet',
      ids => [sql`update transfers set to_key = 'x' where ${settledBy(ids.completed)}`],
      'invoice completed',
    ],
    [
      'completed by a payment on another network',
      ids => [sql`update transfers set network = 'BEP-20' where ${settledBy(ids.completed)}`],
      'invoice completed',
    ],
    ...(['under', 'over'] as const).map(
      (kind): Break => [
        `completed by an amount that is not ${kind} as its payment says`,
        ids => [
          sql`update transfers set units = units + ${kind === 'under' ? 1 : -1} where ${settledBy(ids.completed)}`,
          sql`update payments set kind = ${kind} where invoice_id = ${ids.completed} and state = 'settled'`,
        ],
        'invoice completed',
      ],
    ),
    [
      'completed by another coin',
      ids => [sql`update transfers set asset = 'USDC' where ${settledBy(ids.completed)}`],
      'invoice completed',
    ],
    [
      'completed by another transaction',
      ids => [sql`update invoices set transaction_id = 'x' where id = ${ids.completed}`],
      'invoice completed',
    ],
    [
      'completed by a transaction whose payment was let go',
      ids => [
        sql`update payments set state = 'released', invoice_id = ${ids.completed} where invoice_id = ${ids.confirming}`,
        sql`update invoices set transaction_id = (select transaction_id from invoices where id = ${ids.confirming})
             where id = ${ids.completed}`,
      ],
      'invoice completed',
    ],
  ],
  'an amount that counts for another one is nearer to that than half of the way to any other that was asked':
    [
      ['less that another invoice may have been meant by', ids => betweenTwo(ids, 'under'), 'payment'],
      ['more that another invoice may have been meant by', ids => betweenTwo(ids, 'over'), 'payment'],
      [
        'a payment that an invoice may have been meant by which has ended since',
        ids => [
          ...betweenTwo(ids, 'under'),
          sql`update invoices set status = 'cancelled', ended_at = method_at + interval '1 minute' where id = ${ids.open}`,
        ],
        'payment',
      ],
    ],
  'a completed invoice is marked with what is unusual about its payment': [
    ...partBreaks.marked,
    ...(['late', 'under', 'over'] as const).map(
      (kind): Break => [
        `a payment that is ${kind} without its mark`,
        ids => [sql`update payments set kind = ${kind} where invoice_id = ${ids.completed}`],
        'invoice completed',
      ],
    ),
    [
      'a mark without a reason',
      ids => [sql`update invoices set exception = 'underpaid' where id = ${ids.completed}`],
      'invoice completed',
    ],
  ],
  'an invoice is asked in what is being paid': [
    [
      'confirming in a coin that nobody sends',
      ids => [sql`update invoices set asset = 'USDC' where id = ${ids.confirming}`],
      'invoice confirming',
    ],
    [
      'confirming on a network where nobody pays',
      ids => [sql`update invoices set network = 'BEP-20' where id = ${ids.confirming}`],
      'invoice confirming',
    ],
    [
      'confirming at an address where nobody pays',
      ids => [sql`update invoices set address_key = 'x' where id = ${ids.confirming}`],
      'invoice confirming',
    ],
    [
      'confirming another amount',
      ids => [sql`update transfers set units = units + 1 where ${settledBy(ids.confirming)}`],
      'invoice confirming',
    ],
  ],
  'an invoice asks in a coin on a network once, and for no more amounts than a payer may change to': [
    ['an amount both replaced and current', ids => [addReplaced(ids.open, ['USDT'])], 'invoice open'],
    [
      'a replaced amount of an invoice that asks for none',
      ids => [
        sql`update invoices set network = null, asset = null, wallet_id = null, address = null, address_key = null,
          final_units = null, final_decimals = null, method_at = null where id = ${ids.changed}`,
      ],
      'invoice changed',
    ],
    ['six changes', ids => [addReplaced(ids.open, ['A', 'B', 'C', 'D', 'E', 'F'])], 'invoice open'],
  ],
};
