import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anInvoice } from '../../../test/invoice.ts';
import { type Status, statuses } from './invoice.ts';
import { GRACE, type Holder, match, payableUntil, timingOf, unmatchedReasons } from './match.ts';

const created = 1_767_268_800_000;
const expires = created + 30 * 60_000;
const hold = 24 * 3_600_000;

const transfer = (time: number, detectedAt = created + hold) => ({
  from: 'payer',
  to: 'wallet',
  time,
  detectedAt,
});

function holder(status: Status, more: Partial<Holder> & { endedAt?: number } = {}): Holder {
  const { endedAt = null, ...rest } = more;
  const invoice = anInvoice({ status, createdAt: created, expireAt: expires, endedAt });
  return { invoice, heldUntil: endedAt === null ? null : endedAt + hold, hasPayment: false, ...rest };
}

describe('a transfer of a held amount', () => {
  test('counts from two minutes before the invoice to two minutes after its deadline', () => {
    expect(GRACE).toBe(120_000);
    for (const time of [created - GRACE, created, expires, expires + GRACE])
      expect(match(transfer(time), holder('new'))).toEqual({ kind: 'counts', as: 'exact' });
    expect(match(transfer(created - GRACE - 1), holder('new'))).toEqual({
      kind: 'unmatched',
      reason: 'before_invoice',
      belongs: false,
    });
    expect(match(transfer(expires + GRACE + 1), holder('new'))).toEqual({
      kind: 'unmatched',
      reason: 'after_deadline',
      belongs: true,
    });
  });

  test('that was seen before the invoice was made is not its payment, whatever its block says', () => {
    const before = { kind: 'unmatched', reason: 'before_invoice', belongs: false };
    expect(match(transfer(created, created), holder('new'))).toEqual({ kind: 'counts', as: 'exact' });
    expect(match(transfer(created, created - 1), holder('new'))).toEqual(before);
    expect(match(transfer(expires, created - 1), holder('confirming', { hasPayment: true }))).toEqual(before);
  });

  test('counts for an expired invoice when it was in time', () => {
    const expired = holder('expired', { endedAt: expires + GRACE + 5000 });
    expect(match(transfer(expires + GRACE), expired)).toEqual({ kind: 'counts', as: 'exact' });
    expect(match(transfer(expires + GRACE + 1), expired)).toMatchObject({ reason: 'after_deadline' });
  });

  test('counts for a cancelled invoice when it was made before the cancellation', () => {
    const cancelled = holder('cancelled', { endedAt: created + 60_000 });
    expect(match(transfer(created + 60_000), cancelled)).toEqual({ kind: 'counts', as: 'exact' });
    expect(match(transfer(created + 60_001), cancelled)).toMatchObject({
      reason: 'after_deadline',
      belongs: true,
    });
  });

  test('is a second one when another counts already, or the invoice is paid', () => {
    const second = { kind: 'unmatched', reason: 'second_transfer', belongs: true };
    expect(match(transfer(created), holder('confirming', { hasPayment: true }))).toEqual(second);
    expect(match(transfer(created), holder('expired', { hasPayment: true, endedAt: expires }))).toEqual(
      second,
    );
    expect(match(transfer(created), holder('completed', { endedAt: expires }))).toEqual(second);
    expect(match(transfer(created), holder('paid_manually', { endedAt: expires }))).toEqual(second);
  });

  test('belongs to nobody once the hold has ended, or was never held', () => {
    const nobodys = { kind: 'unmatched', reason: 'no_reservation', belongs: false };
    const expired = holder('expired', { endedAt: expires });
    expect(match(transfer(expires + hold), expired)).toMatchObject({ reason: 'after_deadline' });
    expect(match(transfer(expires + hold + 1), expired)).toEqual(nobodys);
    expect(match(transfer(created), null)).toEqual(nobodys);
  });

  test('from the wallet to itself is ignored, whoever holds it', () => {
    const self = { ...transfer(created), from: 'wallet' };
    expect(match(self, holder('new'))).toEqual({ kind: 'ignored', reason: 'self_transfer' });
    expect(match(self, null)).toEqual({ kind: 'ignored', reason: 'self_transfer' });
  });
});

test('a transfer counts exactly when it is in time for an unpaid invoice that has no other', () => {
  fc.assert(
    fc.property(
      fc.record({
        status: fc.constantFrom(...statuses),
        hasPayment: fc.boolean(),
        ended: fc.integer({ min: 0, max: 60 * 60_000 }),
        time: fc.integer({ min: -5 * 60_000, max: 26 * 3_600_000 }),
        detected: fc.integer({ min: -60_000, max: 3_600_000 }),
      }),
      ({ status, hasPayment, ended, time, detected }) => {
        const isEnded = !['awaiting_method', 'new', 'confirming'].includes(status);
        const held = holder(status, { hasPayment, ...(isEnded && { endedAt: created + ended }) });
        const verdict = match(transfer(created + time, created + detected), held);
        const isPaid = status === 'completed' || status === 'paid_manually';
        const until = status === 'cancelled' ? Math.min(ended, 32 * 60_000) : 32 * 60_000;
        const counts = !hasPayment && !isPaid && detected >= 0 && time >= -GRACE && time <= until;
        expect(verdict.kind === 'counts').toBe(counts);
        if (verdict.kind === 'unmatched') expect(unmatchedReasons).toContain(verdict.reason);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a block time lies before, in or after the time of an invoice', () => {
  const { invoice } = holder('new');
  const times = [created - GRACE - 1, created - GRACE, expires + GRACE, expires + GRACE + 1];
  expect(times.map(time => timingOf(invoice, time))).toEqual(['before', 'in_time', 'in_time', 'after']);
});

test('an invoice can be paid until its deadline and grace, a cancelled one until it was cancelled', () => {
  expect(payableUntil(holder('new').invoice)).toBe(expires + GRACE);
  expect(payableUntil(holder('expired', { endedAt: expires }).invoice)).toBe(expires + GRACE);
  expect(payableUntil(holder('cancelled', { endedAt: created + 1 }).invoice)).toBe(created + 1);
  expect(payableUntil(holder('cancelled', { endedAt: expires + 9 * GRACE }).invoice)).toBe(expires + GRACE);
});
