import { describe, expect, test } from 'vitest';
import { anInvoice } from '../../../test/invoice.ts';
import { afterRelease, heldAs, isLeastPart, markOfParts, type Rest, restDue } from './parts.ts';

const invoice = anInvoice();
const method = invoice.method!;
const due = method.final.units;
const { network, asset, addressKey } = method;

/** What was asked for the rest when so much had come, in the order of the list. */
const rest = (received: bigint, units: bigint, place: Partial<Rest> = {}): Rest => ({
  ...{ network, asset, addressKey, since: 0, received, units },
  ...place,
});

const elsewhere: Partial<Rest>[] = [
  { network: 'ERC-20' },
  { asset: 'USDC' },
  { addressKey: `41${'b'.repeat(40)}` },
];

test('a part is a tenth of the amount at least, and less than the whole', () => {
  const least = (due + 9n) / 10n;
  expect([least - 1n, least, due - 1n, due].map(units => isLeastPart(units, method))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  const round = { ...method, final: { units: 100n, scale: 6 } };
  expect([9n, 10n].map(units => isLeastPart(units, round))).toEqual([false, true]);
});

describe('what is asked for the rest', () => {
  test('is what was asked for just that sum', () => {
    const asked = [rest(4_000_000n, 6_050_000n), rest(5_000_000n, 5_010_000n)];
    expect(restDue(4_000_000n, method, asked)).toBe(asked[0]);
    expect(restDue(5_000_000n, method, asked)).toBe(asked[1]);
  });

  test('is else the least that was asked and is enough', () => {
    const asked = [rest(2_000_000n, 8_010_000n), rest(3_000_000n, 7_010_000n), rest(4_000_000n, 6_010_000n)];
    expect(restDue(3_500_000n, method, asked)).toBe(asked[1]);
    expect(restDue(due - 6_010_000n, method, asked)).toBe(asked[2]);
    expect(restDue(1_000_000n, method, asked)).toBe(null);
  });

  test.each(elsewhere)('is nothing that was asked in another place: %j', place => {
    const there = rest(4_000_000n, 6_020_000n, place);
    expect(restDue(4_000_000n, method, [there])).toBe(null);
    expect(heldAs({ network, asset, addressKey, units: 6_020_000n }, [there])).toBe(null);
    const here = rest(4_000_000n, 6_020_000n);
    expect(heldAs({ network, asset, addressKey, units: 6_020_000n }, [there, here])).toBe(here);
  });
});

describe('parts are more', () => {
  const parts = (...units: bigint[]) => units.map(one => ({ units: one, kind: 'part' as const }));
  const asked = [rest(4_000_000n, 6_050_000n), rest(5_000_000n, 5_010_000n)];

  test('than was ever asked together, and not before', () => {
    expect(markOfParts(parts(4_000_000n, 6_050_000n), method, asked)).toBe(null);
    expect(markOfParts(parts(5_000_000n, 5_050_000n), method, asked)).toBe(null);
    expect(markOfParts(parts(4_000_000n, 6_050_001n), method, asked)).toBe('overpaid');
    expect(markOfParts(parts(due), method, [])).toBe(null);
    expect(markOfParts(parts(due + 1n), method, [])).toBe('overpaid');
  });

  test.each(elsewhere)('whatever was asked in another place: %j', place => {
    const there = rest(4_000_000n, 9_000_000n, place);
    expect(markOfParts(parts(4_000_000n, 6_050_000n), method, [there])).toBe('overpaid');
  });

  test('and came late when one of them did; that they are more says more', () => {
    const late = { units: 6_050_000n, kind: 'late_part' as const };
    expect(markOfParts([...parts(4_000_000n), late], method, asked)).toBe('paid_late');
    expect(markOfParts([...parts(5_000_000n), late], method, asked)).toBe('overpaid');
  });
});

test('what an invoice says of other payments when parts have gone: nothing; of anything else it goes on to', () => {
  const seen = { transactionId: 't', payerWallet: null, paidAt: 1 };
  const released = (exception: typeof invoice.exception, ...left: bigint[]) =>
    afterRelease(
      { ...anInvoice({ status: 'expired', exception }), method },
      left.map(units => ({ units, seen })),
      2,
    ).exception;
  expect(released('duplicate')).toBe(null);
  expect(released('duplicate', 4_000_000n)).toBe('underpaid');
  expect(released('underpaid')).toBe(null);
  expect(released('expired_blind')).toBe('expired_blind');
  expect(released('expired_blind', 4_000_000n)).toBe('underpaid');
});
