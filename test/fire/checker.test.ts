/** The checker is proved before it is believed: told the truth it is content, told each lie it complains of that one. */
import type { CreatedInvoice, Invoice } from '@cryptoscan/sdk';
import { expect, test } from 'vitest';
import { sentTwice } from './check-webhooks.ts';
import { judge } from './checker.ts';
import type { Evidence, Order, Told, Transfer, Trouble } from './evidence.ts';

const T = 1_700_000_000;
const WALLET = '0x00000000000000000000000000000000000a0001';
const hash = (n: number) => `0x${String(n).padStart(64, '0')}`;

/** Everything in it may be overwritten by a lie. */
type Draft = {
  -readonly [K in keyof Evidence]: Evidence[K] extends readonly (infer Item)[] ? Item[] : Evidence[K];
};

function answer(id: number): CreatedInvoice {
  const what = { cryptocurrency: 'USDT', network: 'BASE', wallet: WALLET };
  return { id: String(id), final_amount: `10.00${id}`, ...what, expire_at: String(T + 900) };
}

function order(id: number): Order {
  return { reference: `order-${id}`, amount: '10', answers: [answer(id), answer(id)], refusals: [] };
}

function invoice(id: number, status: 'completed' | 'new' | 'expired'): Invoice {
  const isPaid = status === 'completed';
  return {
    ...{ id, cryptocurrency: 'USDT', network: 'BASE', wallet: WALLET, status, metadata: null },
    ...{ payer_wallet: isPaid ? WALLET : null, transaction_id: isPaid ? hash(id) : null },
    ...{ final_amount: Number(`10.00${id}`), requested_amount: '10.00000000' },
    client_reference_id: `order-${id}`,
    ...{ created_at: T, paid_at: isPaid ? T + 10 : null, expire_at: T + 900 },
  };
}

function told(id: number, type: 'paid' | 'expired', request: Partial<Told> = {}): Told {
  const status = type === 'paid' ? 'completed' : 'expired';
  const data = {
    id,
    status,
    transaction_id: type === 'paid' ? hash(id) : undefined,
  } as unknown as Told['data'];
  const at = (type === 'paid' ? T + 30 : T + 1100) * 1000;
  const text = JSON.stringify(data);
  return {
    webhookId: `msg_${id}`,
    type,
    retryCount: 0,
    data,
    text,
    at,
    status: 200,
    isSigned: true,
    ...request,
  };
}

const transfer = (id: number, more: Partial<Transfer> = {}): Transfer => ({
  ...{ hash: hash(id), to: WALLET, units: 10_000_000n + BigInt(id) * 1000n, time: (T + 10) * 1000 },
  ...more,
});

/** 1 and 2 are paid, the second at its second attempt to tell; 3 is open; 4 has expired. */
function truth(): Draft {
  const second = told(2, 'paid', { status: 500 });
  return {
    orders: [1, 2, 3, 4].map(order),
    invoices: [invoice(1, 'completed'), invoice(2, 'completed'), invoice(3, 'new'), invoice(4, 'expired')],
    transfers: [transfer(1), transfer(2), transfer(9, { units: 5n })],
    told: [
      told(1, 'paid'),
      second,
      told(2, 'paid', { retryCount: 1, at: second.at + 30_000 }),
      told(4, 'expired'),
    ],
    troubles: [],
    decimals: 6,
    at: (T + 1101) * 1000,
  };
}

test('the truth is no breach', () => expect(judge(truth())).toEqual([]));

const change = (draft: Draft, id: number, changes: Partial<Invoice>) => {
  draft.invoices = draft.invoices.map(one => (one.id === id ? { ...one, ...changes } : one));
};
const trouble = (from: number, to: number): Trouble => ({ from, to });

const lies: [string, (draft: Draft) => void, RegExp][] = [
  ['an acknowledged invoice is gone', d => d.invoices.splice(2, 1), /order-3 was acknowledged and is lost/],
  [
    'a reference has two invoices',
    d => d.invoices.push({ ...invoice(3, 'new'), id: 8 }),
    /order-3 has 2 invoices/,
  ],
  ['an invoice is listed twice', d => d.invoices.push(invoice(3, 'new')), /invoice 3 is listed twice/],
  [
    'a repeated create makes another one',
    d => d.orders[0]?.answers.push({ ...answer(1), id: '7' }),
    /order-1 was answered with 1 and 7/,
  ],
  [
    'a repeated create has another amount',
    d => d.orders[0]?.answers.push({ ...answer(1), final_amount: '10.002' }),
    /order-1 was answered with/,
  ],
  [
    'an order was never acknowledged',
    d => {
      (d.orders[2] as Order).answers = [];
    },
    /order-3 was never acknowledged/,
  ],
  ['an order was refused', d => d.orders[2]?.refusals.push('taken'), /order-3 was refused: taken/],
  ['the amount has changed since', d => change(d, 3, { final_amount: 10.5 }), /order-3 is not what was/],
  ['the wallet has changed since', d => change(d, 3, { wallet: hash(1) }), /order-3 is not what was/],
  ['less is asked for than was ordered', d => change(d, 3, { requested_amount: '9.00' }), /asks for 9.00/],
  [
    'an invoice that nobody asked for',
    d => d.invoices.push(invoice(5, 'new')),
    /order-5, which nobody asked/,
  ],
  [
    'a payment in time is not seen',
    d => d.transfers.push(transfer(3)),
    /invoice 3 was paid in time .* is new/,
  ],
  [
    'a payment in time ends as expired',
    d => d.transfers.push(transfer(4)),
    /invoice 4 was paid in time .* is expired/,
  ],
  ['paid without a transfer', d => d.transfers.splice(0, 1), /invoice 1 is completed and nobody has paid/],
  [
    'paid by another amount',
    d => {
      (d.transfers[0] as Transfer).units = 9n;
    },
    /invoice 1 is completed and nobody/,
  ],
  [
    'paid by a late transfer',
    d => {
      (d.transfers[0] as Transfer).time = (T + 1021) * 1000;
    },
    /invoice 1 is completed/,
  ],
  [
    'paid to another wallet',
    d => {
      (d.transfers[0] as Transfer).to = hash(3);
    },
    /invoice 1 is completed and nobody/,
  ],
  [
    'another transaction is named',
    d => change(d, 1, { transaction_id: hash(2) }),
    /names .* does not pay it/,
  ],
  [
    'one transfer settles two',
    d => {
      d.invoices.push({ ...invoice(1, 'completed'), id: 6, client_reference_id: 'order-6' });
      d.orders.push({ ...order(1), reference: 'order-6', answers: [{ ...answer(1), id: '6' }] });
    },
    /settles 1 and 6/,
  ],
  [
    'expired too early',
    d => {
      d.at = (T + 1000) * 1000;
    },
    /invoice 4 expired before its deadline/,
  ],
  [
    'never expires',
    d => {
      d.at = (T + 5000) * 1000;
    },
    /invoice 3 is past its deadline and still new/,
  ],
  ['a paid one was not told', d => d.told.splice(0, 1), /paid of the invoice 1 was never delivered/],
  [
    'a paid one was told in vain',
    d => {
      (d.told[0] as Told).status = null;
    },
    /paid of the invoice 1 was never delivered/,
  ],
  [
    'paid is told under two ids',
    d => d.told.push(told(1, 'paid', { webhookId: 'msg_other' })),
    /paid of the invoice 1 was told under 2 ids/,
  ],
  ['paid is told of an open one', d => d.told.push(told(3, 'paid')), /invoice 3 is new and paid was told/],
  ['paid is told of an expired one', d => d.told.push(told(4, 'paid')), /invoice 4 is expired and paid was/],
  ['expired was not told', d => d.told.splice(3, 1), /expired of the invoice 4 was never delivered/],
  [
    'told of an invoice that is not there',
    d => d.told.push(told(77, 'paid')),
    /invoice 77, which is not there/,
  ],
  [
    'not signed',
    d => {
      (d.told[0] as Told).isSigned = false;
    },
    /msg_1 is not signed/,
  ],
  [
    'two requests of an event differ',
    d => {
      (d.told[2] as Told).text = '{}';
    },
    /msg_2 says different things/,
  ],
  [
    'retried too early',
    d => {
      (d.told[2] as Told).at -= 10_000;
    },
    /msg_2 was retried after 20000 ms instead of 30000/,
  ],
  [
    'retried too late',
    d => {
      (d.told[2] as Told).at += 20_000;
    },
    /msg_2 was retried only after 50000 ms/,
  ],
  [
    'an attempt is skipped',
    d => {
      (d.told[2] as Told).retryCount = 2;
    },
    /goes from retry_count 0 to 2/,
  ],
  ['the first attempt is missing', d => d.told.splice(1, 1), /msg_2 begins with retry_count 1/],
  [
    'sent again though nothing had gone wrong',
    d => d.told.push(told(1, 'paid', { at: (T + 60) * 1000 })),
    /msg_1 was sent again with retry_count 0 and nothing had gone wrong/,
  ],
  [
    'sent again after a trouble that was over before',
    d => {
      d.troubles.push(trouble((T + 1) * 1000, (T + 5) * 1000));
      d.told.push(told(1, 'paid', { at: (T + 60) * 1000 }));
    },
    /nothing had gone wrong/,
  ],
  [
    'the wrong transaction is told',
    d => {
      (d.told[0] as Told).data.transaction_id = hash(2);
    },
    /names another transaction/,
  ],
];

test.each(lies)('%s: it complains', (_, lie, complaint) => {
  const draft = truth();
  lie(draft);
  expect(judge(draft).join('\n')).toMatch(complaint);
});

test('what a kill explains is no breach, and is counted', () => {
  const draft = truth();
  const [first] = draft.told as [Told];
  draft.troubles.push(trouble(first.at, first.at + 2000));
  draft.told.push({ ...first, at: first.at + 61_000 });
  expect(judge(draft)).toEqual([]);
  expect(sentTwice(draft.told)).toBe(1);
});

test('an expired invoice that a late reading finds paid may tell both, in that order', () => {
  const draft = truth();
  draft.told.push(told(1, 'expired', { webhookId: 'msg_1e', at: (T + 20) * 1000 }));
  expect(judge(draft)).toEqual([]);
});
