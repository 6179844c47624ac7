import { expect, test } from 'vitest';
import type { Invoice, Method } from './invoice.ts';
import { timelineOf } from './timeline.ts';

const method: Method = {
  network: 'TRC-20',
  asset: 'USDT',
  walletId: 1,
  address: 'T',
  addressKey: '41',
  final: { units: 10_001_000n, scale: 6 },
  rate: null,
  since: 100,
};

const invoice: Invoice = {
  id: 1,
  merchantId: 1,
  clientReferenceId: 'a',
  metadata: null,
  compat: false,
  requested: { units: 1_000_000_000n, scale: 8 },
  commissionPercent: { units: 0n, scale: 4 },
  topUpUserId: null,
  source: null,
  page: null,
  method,
  status: 'completed',
  seen: null,
  exception: null,
  createdAt: 100,
  expireAt: 1000,
  endedAt: 500,
  version: 1,
};

const transfer = {
  network: 'TRC-20' as const,
  asset: 'USDT' as const,
  transactionId: 'x',
  units: 10_001_000n,
  amount: '10.001',
  detectedAt: 300,
  blockTime: 290,
  reason: null,
  payment: { kind: 'exact' as const, state: 'settled', countedAt: 301, agreedAt: null },
};

const story = { invoice, left: [], transfers: [transfer], rests: [], events: [], acts: [], link: null };
const told = (entries: ReturnType<typeof timelineOf>) =>
  entries.map(({ at, kind, status }) => [at, kind, status]);

test('tells every state in order, with what brought it about', () => {
  const entries = timelineOf({ ...story, events: [{ type: 'paid', at: 500 }] });
  expect(told(entries)).toEqual([
    [100, 'created', 'new'],
    [300, 'transfer_seen', null],
    [301, 'payment_counts', 'confirming'],
    [500, 'told', 'completed'],
  ]);
});

test('a payer who chooses, and changes the coin, is seen doing so', () => {
  const left = [{ method: { network: 'ERC-20', asset: 'USDC', since: 150 } as const, leftAt: 200 }];
  const entries = timelineOf({
    ...story,
    left,
    transfers: [],
    invoice: { ...invoice, method: { ...method, since: 200 } },
  });
  expect(told(entries)).toEqual([
    [100, 'created', 'awaiting_method'],
    [150, 'method_chosen', 'new'],
    [200, 'method_chosen', 'new'],
  ]);
  const back = timelineOf({
    ...story,
    left: [{ method: { network: 'ERC-20', asset: 'USDC', since: 150 }, leftAt: 220 }],
    transfers: [],
  });
  expect(told(back)).toContainEqual([220, 'method_left', null]);
});

test('a payment that is found after the end does not bring back an open state', () => {
  const late = { ...transfer, payment: { ...transfer.payment, countedAt: 700 } };
  const events = [
    { type: 'expired' as const, at: 600 },
    { type: 'paid' as const, at: 800 },
  ];
  expect(told(timelineOf({ ...story, transfers: [late], events })).slice(2)).toEqual([
    [600, 'told', 'expired'],
    [700, 'payment_counts', null],
    [800, 'told', 'completed'],
  ]);
});

test('has no time for what was not written down', () => {
  const released = { ...transfer, payment: { ...transfer.payment, state: 'released' } };
  const entries = timelineOf({
    ...story,
    transfers: [released],
    invoice: { ...invoice, exception: 'reversed' },
  });
  expect(told(entries).slice(-2)).toEqual([
    [null, 'payment_released', null],
    [null, 'reversed', null],
  ]);
});

test('parts are told one by one, with what was asked for the rest, and the last one completes them', () => {
  const part = (units: bigint, at: number, state = 'settled') => ({
    ...transfer,
    units,
    detectedAt: at,
    payment: { ...transfer.payment, kind: 'part' as const, state, countedAt: at },
  });
  const rest = { network: 'TRC-20', asset: 'USDT', amount: '6.002', received: '4', since: 300 } as const;
  const entries = timelineOf({
    ...story,
    transfers: [part(9_000_000n, 200, 'released'), part(4_000_000n, 300), part(6_002_000n, 400)],
    rests: [rest],
    events: [{ type: 'paid', at: 500 }],
  });
  expect(told(entries).slice(1)).toEqual([
    [200, 'transfer_seen', null],
    [200, 'part_counts', null],
    [300, 'transfer_seen', null],
    [300, 'part_counts', null],
    [300, 'rest_asked', null],
    [400, 'transfer_seen', null],
    [400, 'part_counts', 'confirming'],
    [500, 'told', 'completed'],
    [null, 'payment_released', null],
  ]);
  expect(entries.at(-5)?.facts).toEqual({ network: 'TRC-20', asset: 'USDT', amount: '6.002', received: '4' });
  expect(entries.at(-2)?.facts).toEqual({ event: 'paid', parts: true });
});

test('names who counted a transfer as a part, and what that person said of it', () => {
  const facts = { transaction_id: 'x', reason: 'no_reservation', note: 'they called' };
  const acts = [{ at: 301, action: 'transfer.accepted_as_part', person: 'Ada', facts }];
  const byHand = { ...transfer, payment: { ...transfer.payment, kind: 'part' as const } };
  const entries = timelineOf({ ...story, transfers: [byHand], acts });
  expect(entries.slice(2)).toEqual([
    {
      at: 301,
      kind: 'part_counts',
      status: 'confirming',
      person: 'Ada',
      facts: { transaction_id: 'x', reason: 'they called' },
    },
  ]);
});

test('names the person behind an end, and lists other acts as they were', () => {
  const acts = [
    { at: 500, action: 'invoice.cancel', person: 'Ada', facts: {} },
    { at: 510, action: 'webhook.resend', person: 'Bob', facts: { event: 'cancelled' } },
  ];
  const entries = timelineOf({ ...story, transfers: [], events: [{ type: 'cancelled', at: 500 }], acts });
  expect(entries.slice(1)).toEqual([
    { at: 500, kind: 'told', status: 'cancelled', person: 'Ada', facts: { event: 'cancelled' } },
    {
      at: 510,
      kind: 'act',
      status: null,
      person: 'Bob',
      facts: { action: 'webhook.resend', event: 'cancelled' },
    },
  ]);
});
