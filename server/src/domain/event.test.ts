import { describe, expect, test } from 'vitest';
import { anInvoice } from '../../../test/invoice.ts';
import { eventData, tellsOf, toldData, unixSeconds } from './event.ts';
import type { Invoice } from './invoice.ts';
import { type EventType, eventTypes } from './invoice.ts';

/** The fields of `data` as the API document lists them for each event; `?`: only where a currency was given. */
const documented: Record<EventType, string> = {
  paid: `id wallet cryptocurrency network payer_wallet transaction_id source_currency? source_amount? final_amount
    requested_amount status client_reference_id metadata created_at paid_at expire_at`,
  expired: `id wallet cryptocurrency network final_amount requested_amount status client_reference_id metadata
    created_at expire_at`,
  paid_manually: `id wallet cryptocurrency network final_amount requested_amount status client_reference_id metadata
    created_at expire_at`,
  cancelled: `id wallet cryptocurrency network final_amount requested_amount status client_reference_id metadata
    created_at expire_at`,
};

const ends: Record<EventType, Invoice['status']> = {
  paid: 'completed',
  expired: 'expired',
  paid_manually: 'paid_manually',
  cancelled: 'cancelled',
};

const fieldsOf = (type: EventType, hasSource: boolean): string[] =>
  documented[type]
    .split(/\s+/)
    .filter(field => hasSource || !field.endsWith('?'))
    .map(field => field.replace('?', ''));

const source = {
  currency: 'EUR',
  amount: { units: 4_574_900_000n, scale: 8 },
  rate: { units: 92n, scale: 2 },
  rateOrigin: '{}',
};
const seen = { transactionId: 'ab12', payerWallet: 'TPayer', paidAt: 1_767_269_123_999 };

function ended(type: EventType, given: Partial<Invoice> = {}): Invoice {
  const status = ends[type];
  const shown = type === 'paid' ? seen : null;
  return anInvoice({ status, seen: shown, endedAt: 1_767_270_000_000, ...given });
}

describe.each(eventTypes)('the data of %s', type => {
  test('has the documented fields in the documented order', () => {
    expect(Object.keys(eventData(type, ended(type)))).toEqual(fieldsOf(type, false));
    expect(Object.keys(eventData(type, ended(type, { source })))).toEqual(fieldsOf(type, true));
  });

  test('has ids and times as integers, everything else as text', () => {
    const data = eventData(type, ended(type, { source, metadata: 'm' }));
    for (const [field, value] of Object.entries(data)) {
      const isInteger = field === 'id' || field.endsWith('_at');
      expect([field, isInteger ? Number.isSafeInteger(value) : typeof value]).toEqual([
        field,
        isInteger ? true : 'string',
      ]);
    }
  });

  test('leaves coin and network empty in compatibility mode', () => {
    expect(eventData(type, ended(type, { compat: true }))).toMatchObject({
      cryptocurrency: null,
      network: null,
      wallet: 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir',
      final_amount: '10.007',
    });
  });
});

test('a paid invoice in full', () => {
  expect(JSON.stringify(eventData('paid', ended('paid', { id: 36, source, metadata: 'a "note"' })))).toBe(
    JSON.stringify({
      id: 36,
      wallet: 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir',
      cryptocurrency: 'USDT',
      network: 'TRC-20',
      payer_wallet: 'TPayer',
      transaction_id: 'ab12',
      source_currency: 'EUR',
      source_amount: '45.74900000',
      final_amount: '10.007',
      requested_amount: '10.00000000',
      status: 'completed',
      client_reference_id: 'order 1',
      metadata: 'a "note"',
      created_at: 1_767_268_800,
      paid_at: 1_767_269_123,
      expire_at: 1_767_270_600,
    }),
  );
});

test('an invoice that ends before anything was chosen has no wallet, and the price as its amount', () => {
  const requested = { units: 5_380_526_186n, scale: 8 };
  expect(eventData('expired', ended('expired', { method: null, requested }))).toMatchObject({
    wallet: null,
    cryptocurrency: null,
    network: null,
    final_amount: '53.8053',
    requested_amount: '53.80526186',
    status: 'expired',
  });
});

test('an opt-in event tells of the transfer and of the method that it went to, which may be a replaced one', () => {
  const invoice = ended('expired', { seen, metadata: 'm' });
  const method = {
    ...invoice.method!,
    network: 'ERC-20' as const,
    asset: 'USDC' as const,
    address: '0xab',
    final: { units: 10_004_000n, scale: 6 },
  };
  const received = { units: 4_500_000n, scale: 6 };
  const about = { method, transactionId: 'cd34', payerWallet: '0xef', received };
  const data = {
    id: 1,
    wallet: '0xab',
    cryptocurrency: 'USDC',
    network: 'ERC-20',
    payer_wallet: '0xef',
    transaction_id: 'cd34',
    received_amount: '4.50',
    final_amount: '10.004',
    requested_amount: '10.00000000',
    status: 'expired',
    client_reference_id: 'order 1',
    metadata: 'm',
    created_at: 1_767_268_800,
    expire_at: 1_767_270_600,
  };
  expect(JSON.stringify(toldData(invoice, about))).toBe(JSON.stringify(data));
  expect(toldData({ ...invoice, compat: true }, about)).toEqual({
    ...data,
    cryptocurrency: null,
    network: null,
  });
});

test.each([
  ['paid_late', 'late'],
  ['paid_after_cancel', 'late'],
  ['underpaid', 'underpaid'],
  ['overpaid', 'overpaid'],
  ['duplicate', 'duplicate'],
  ['reversed', 'reversed'],
  ['unverified_manual', null],
  ['expired_blind', null],
  [null, null],
] as const)('the mark %s is told as %s', (mark, type) => {
  expect(tellsOf(mark)).toBe(type);
});

test('times are whole seconds, cut off', () => {
  expect(unixSeconds(1_767_269_123_999)).toBe(1_767_269_123);
  expect(unixSeconds(1_767_269_124_000)).toBe(1_767_269_124);
});
