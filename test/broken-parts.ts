/** Ways to break by hand what must always be true of invoices that are paid in parts, for the test of the invariants. */
import { sql } from 'kysely';
import type { Break } from './broken-rules.ts';

const partsOf = (invoice: number) =>
  sql`id in (select transfer_id from payments where invoice_id = ${invoice} and kind = 'part')`;

/** The reservations of what was asked for the rest. */
const restOf = (invoice: number) => sql`(network, address_key, asset, units) in
  (select network, address_key, asset, units from remainders where invoice_id = ${invoice})`;

/** By the name of the rule. */
export const partBreaks = {
  settled: [
    [
      'an invoice settled by parts that do not cover it',
      ids => [sql`update transfers set units = 1 where ${partsOf(ids.joined)}`],
      'invoice joined',
    ],
    [
      'an invoice settled by a part beside a payment of the whole',
      ids => [
        sql`update payments set invoice_id = ${ids.completed}
             where id = (select min(id) from payments where invoice_id = ${ids.joined})`,
      ],
      'invoice completed',
    ],
  ],
  open: [
    [
      'an amount for the rest that is free',
      ids => [sql`delete from reservations where ${restOf(ids.parted)}`],
      'invoice parted',
    ],
  ],
  ended: [
    [
      'an amount for the rest whose hold never ends',
      ids => [sql`update reservations set held_until = null where ${restOf(ids.joined)}`],
      'invoice joined',
    ],
  ],
  marked: [
    [
      'a part that came late without its mark',
      ids => [sql`update payments set kind = 'late_part' where invoice_id = ${ids.joined}`],
      'invoice joined',
    ],
  ],
  confirming: [
    [
      'open with parts that cover it',
      ids => [sql`update transfers set units = 1000000000 where ${partsOf(ids.parted)}`],
      'invoice parted',
    ],
    [
      'confirming with parts that do not',
      ids => [
        sql`update payments set kind = 'part' where invoice_id = ${ids.confirming}`,
        sql`update transfers set units = 1 where ${partsOf(ids.confirming)}`,
      ],
      'invoice confirming',
    ],
  ],
  underpaid: [
    [
      'a part without a mark',
      ids => [sql`update invoices set exception = null where id = ${ids.parted}`],
      'invoice parted',
    ],
    [
      'a part of an invoice that has expired, without a mark',
      ids => [
        sql`update invoices set status = 'expired', exception = null, ended_at = created_at where id = ${ids.parted}`,
      ],
      'invoice parted',
    ],
    [
      'a mark without a part',
      ids => [sql`update invoices set exception = 'underpaid' where id = ${ids.open}`],
      'invoice open',
    ],
  ],
  rest: [
    [
      'a rest that is too little',
      ids => [sql`update remainders set units = 1 where invoice_id = ${ids.parted}`],
      'invoice parted',
    ],
    [
      'a rest that is more than the whole',
      ids => [sql`update remainders set units = 1000000000 where invoice_id = ${ids.parted}`],
      'invoice parted',
    ],
    [
      'a rest at an address that the invoice does not ask at',
      ids => [sql`update remainders set address_key = 'x' where invoice_id = ${ids.parted}`],
      'invoice parted',
    ],
    [
      'more rests than an invoice asks for',
      ids => [
        sql`insert into remainders select invoice_id, network, asset, wallet_id, address_key, received + n, units, asked_at
              from remainders, generate_series(1, 10) as n where invoice_id = ${ids.parted}`,
      ],
      'invoice parted',
    ],
  ],
} satisfies Record<string, Break[]>;
