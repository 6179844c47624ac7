import { describe, expect, test } from 'vitest';
import { anInvoice } from '../../../test/invoice.ts';
import type { EventType, Invoice } from './invoice.ts';
import { entriesOf } from './ledger.ts';

const ONE = { units: 1n, scale: 0 };
const invoice = (given: Partial<Invoice> = {}) => anInvoice({ commissionPercent: ONE, ...given });
const change = (before: Partial<Invoice>, after: Partial<Invoice>, emits: EventType | null = null) => ({
  before: invoice(before),
  after: invoice(after),
  emits,
});
const paid = { status: 'completed' } as const;
const reversed = { ...paid, exception: 'reversed' } as const;

describe('an invoice with a commission', () => {
  test.each(['paid', 'paid_manually'] as const)('owes it when it is %s', emits => {
    expect(entriesOf(change({}, paid, emits))).toEqual([
      {
        kind: 'commission',
        owner: { merchantId: 1 },
        against: 'operator_revenue',
        amount: -10_000_000n,
        invoiceId: 1,
        memo: null,
      },
    ]);
  });

  test.each([
    ['expires', {}, { status: 'expired' }, 'expired'],
    ['is cancelled', {}, { status: 'cancelled' }, 'cancelled'],
    ['sees a payment', {}, { status: 'confirming' }, null],
    ['stays reversed', reversed, reversed, null],
    ['stays paid', paid, paid, null],
  ] as const)('owes nothing when it %s', (_, before, after, emits) => {
    expect(entriesOf(change(before, after, emits))).toEqual([]);
  });

  test('gets it back when its payment is gone, and owes it again when that is back', () => {
    const [back] = entriesOf(change(paid, reversed));
    const [again] = entriesOf(change(reversed, paid));
    expect(back).toMatchObject({ kind: 'commission_reversal', amount: 10_000_000n });
    expect(again).toMatchObject({ kind: 'commission_restored', amount: -10_000_000n });
  });

  test('owes it in dollars where no coin was ever chosen', () => {
    const [entry] = entriesOf(
      change({ method: null }, { method: null, status: 'paid_manually' }, 'paid_manually'),
    );
    expect(entry?.amount).toBe(-10_000_000n);
  });
});

test('an invoice without a commission owes nothing', () => {
  const free = { commissionPercent: { units: 0n, scale: 4 } };
  expect(entriesOf(change(free, { ...free, ...paid }, 'paid'))).toEqual([]);
});

describe('a top-up', () => {
  const mine = { commissionPercent: { units: 0n, scale: 4 }, topUpUserId: 7 };

  test('is credited to its user when it is paid: what was asked, without the tail', () => {
    expect(entriesOf(change(mine, { ...mine, ...paid }, 'paid'))).toEqual([
      {
        kind: 'top_up',
        owner: { userId: 7 },
        against: 'top_up_clearing',
        amount: 1_000_000_000n,
        invoiceId: 1,
        memo: null,
      },
    ]);
  });

  test('is taken back and given again with its payment', () => {
    const [back] = entriesOf(change({ ...mine, ...paid }, { ...mine, ...reversed }));
    const [again] = entriesOf(change({ ...mine, ...reversed }, { ...mine, ...paid }));
    expect([back?.kind, back?.amount]).toEqual(['top_up_reversal', -1_000_000_000n]);
    expect([again?.kind, again?.amount]).toEqual(['top_up_restored', 1_000_000_000n]);
  });
});
