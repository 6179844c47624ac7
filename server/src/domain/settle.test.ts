import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anInvoice } from '../../../test/invoice.ts';
import { GRACE } from './match.ts';
import { mayExpire, settle } from './settle.ts';

const expires = 1_767_270_600_000;
const confirming = anInvoice({ status: 'confirming', expireAt: expires });

describe('a payment that waits for its transfer', () => {
  test('waits until the block is final, and settles then', () => {
    expect(settle(confirming, { height: 101, time: expires }, 100)).toBe('wait');
    expect(settle(confirming, { height: 100, time: expires }, 100)).toBe('settle');
    expect(settle(confirming, { height: 0, time: expires }, -1)).toBe('wait');
  });

  test('is released when the transfer is on no block', () => {
    expect(settle(confirming, null, 1000)).toBe('release');
  });

  test('is released when the transfer came back too early or too late, final or not', () => {
    const { createdAt } = confirming;
    expect(settle(confirming, { height: 100, time: createdAt - GRACE }, 100)).toBe('settle');
    expect(settle(confirming, { height: 100, time: createdAt - GRACE - 1 }, 100)).toBe('release');
    expect(settle(confirming, { height: 100, time: expires + GRACE }, 100)).toBe('settle');
    expect(settle(confirming, { height: 100, time: expires + GRACE + 1 }, 100)).toBe('release');
    expect(settle(confirming, { height: 101, time: expires + GRACE + 1 }, 100)).toBe('release');
  });

  test('for a cancelled invoice must have been made before the cancellation', () => {
    const cancelled = anInvoice({ status: 'cancelled', expireAt: expires, endedAt: expires - 60_000 });
    expect(settle(cancelled, { height: 1, time: expires - 60_000 }, 1)).toBe('settle');
    expect(settle(cancelled, { height: 1, time: expires - 59_999 }, 1)).toBe('release');
  });

  test('settles exactly when it is in time and its block is final', () => {
    const late = fc.integer({ min: -35 * 60_000, max: 3 * GRACE });
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: -1, max: 200 }), late, (height, final, after) => {
        const decision = settle(confirming, { height, time: expires + after }, final);
        const isInTime = after <= GRACE && after >= -30 * 60_000 - GRACE;
        expect(decision).toBe(!isInTime ? 'release' : height <= final ? 'settle' : 'wait');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an open invoice', () => {
  const open = anInvoice({ status: 'new', expireAt: expires });
  const past = expires + GRACE + 1;

  test('may expire once both the clock and the chain, as far as it was read, are past its deadline and grace', () => {
    expect(mayExpire(open, past, [past])).toBe(true);
    expect(mayExpire(open, past - 1, [past])).toBe(false);
    expect(mayExpire(open, past, [past - 1])).toBe(false);
    expect(mayExpire(open, past + 86_400_000, [null])).toBe(false);
  });

  test('with amounts on several networks needs every one of them read past its deadline', () => {
    expect(mayExpire(open, past, [past, past])).toBe(true);
    for (const behind of [past - 1, null]) {
      expect(mayExpire(open, past, [past, behind])).toBe(false);
      expect(mayExpire(open, past, [behind, past])).toBe(false);
    }
    expect(mayExpire(open, past, [])).toBe(false);
  });

  test('without a method needs the clock alone', () => {
    const unchosen = anInvoice({ status: 'awaiting_method', method: null, expireAt: expires });
    expect(mayExpire(unchosen, past, [])).toBe(true);
    expect(mayExpire(unchosen, past - 1, [])).toBe(false);
  });
});
