import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anInvoice } from '../../../test/invoice.ts';
import { exceptions, graver } from './exception.ts';
import { GRACE } from './match.ts';
import { judgeLate, judgeNear, nearestHeld, type Policy } from './policy.ts';

const percent = (units: bigint) => ({ units, scale: 4 });
const strict: Policy = {
  late: 'review',
  lateDrift: percent(10_000n),
  underpaid: percent(0n),
  overpaid: percent(0n),
  remainder: false,
};
const invoice = anInvoice();
const due = invoice.method!.final.units;

describe('the held amount that another one may have been meant for', () => {
  const held = (...units: number[]) => units.map((one, id) => ({ units: BigInt(one), invoiceId: id }));

  test('is the nearest, if it is nearer than half of its way to the next', () => {
    expect(nearestHeld(104n, held(100, 110))?.units).toBe(100n);
    expect(nearestHeld(105n, held(100, 110))).toBe(null);
    expect(nearestHeld(106n, held(100, 110))?.units).toBe(110n);
    expect(nearestHeld(104n, held(94, 100, 110))).toBe(null);
    expect(nearestHeld(1n, held(100))?.units).toBe(100n);
    expect(nearestHeld(1n, [])).toBe(null);
  });

  test('is one at most, and no other is as near', () => {
    const amounts = fc.uniqueArray(fc.nat(300), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(300), amounts, (paid, all) => {
        fc.pre(!all.includes(paid));
        const below = all.filter(one => one < paid).toSorted((a, b) => b - a);
        const above = all.filter(one => one > paid).toSorted((a, b) => a - b);
        const near = nearestHeld(BigInt(paid), held(...below.slice(0, 2), ...above.slice(0, 2)));
        // Of all amounts, and not only of the four that are looked at.
        const fitting = all.filter(one =>
          all.every(other => other === one || 2 * Math.abs(paid - one) < Math.abs(one - other)),
        );
        expect(fitting.length).toBeLessThanOrEqual(1);
        expect(near?.units).toBe(fitting[0] === undefined ? undefined : BigInt(fitting[0]));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('an amount near to that of an invoice', () => {
  const sent = (units: bigint, time = invoice.createdAt + 60_000) => ({
    ...{ from: 'a', to: 'b', units, time },
    detectedAt: time,
  });
  const judge = (units: bigint, policy: Partial<Policy>, hasPayment = false) =>
    judgeNear(sent(units), { invoice, policy: { ...strict, ...policy }, hasPayment });
  const nobodys = { kind: 'unmatched', reason: 'no_reservation', belongs: false };

  test('counts up to the percent of what was requested, on the side that is tolerated', () => {
    const tenth = percent(1000n);
    expect(judge(due - 10_000n, { underpaid: tenth })).toEqual({ kind: 'counts', as: 'under' });
    expect(judge(due - 10_001n, { underpaid: tenth })).toEqual(nobodys);
    expect(judge(due + 1n, { underpaid: tenth })).toEqual(nobodys);
    expect(judge(due + 10_000n, { overpaid: tenth })).toEqual({ kind: 'counts', as: 'over' });
    expect(judge(due + 10_001n, { overpaid: tenth })).toEqual(nobodys);
    expect(judge(due - 1n, {})).toEqual(nobodys);
  });

  test('from the wallet to itself is nobody’s payment', () => {
    const lenient = { invoice, policy: { ...strict, underpaid: percent(50_000n) }, hasPayment: false };
    const own = { ...sent(due - 1n), to: 'a' };
    expect(judgeNear(own, lenient)).toEqual({ kind: 'ignored', reason: 'self_transfer' });
  });

  test('comes second where another transfer counts', () => {
    const second = { kind: 'unmatched', reason: 'second_transfer', belongs: true };
    expect(judge(due - 1n, { underpaid: percent(1n) }, true)).toEqual(second);
  });

  test('is nobody’s out of the time of the invoice, or seen before it', () => {
    const lenient = { invoice, policy: { ...strict, underpaid: percent(50_000n) }, hasPayment: false };
    const { createdAt, expireAt } = invoice;
    expect(judgeNear(sent(due - 1n, expireAt + GRACE), lenient).kind).toBe('counts');
    expect(judgeNear(sent(due - 1n, expireAt + GRACE + 1), lenient)).toEqual(nobodys);
    const early = { ...sent(due - 1n, createdAt), detectedAt: createdAt - 1 };
    expect(judgeNear(early, lenient)).toEqual(nobodys);
  });
});

const unknown = { source: null, coin: null };

test('a late payment in a coin with a price of its own counts while that has not moved too far', () => {
  const rate = { perUsd: { units: 4n, scale: 1 }, origin: '{}' };
  const inCoin = { ...invoice, method: invoice.method && { ...invoice.method, rate } };
  const accept = { ...strict, late: 'accept' as const, lateDrift: percent(20_000n) };
  const now = (units: bigint) => ({ source: null, coin: { units, scale: 3 } });
  expect(judgeLate(inCoin, accept, now(405n)).kind).toBe('counts');
  expect(judgeLate(inCoin, accept, now(440n)).kind).toBe('unmatched');
  expect(judgeLate(inCoin, accept, unknown).kind).toBe('unmatched');
});

test('a late payment of a cancelled invoice is a person’s, whatever the shop accepts', () => {
  const cancelled = anInvoice({ status: 'cancelled', endedAt: invoice.createdAt });
  for (const late of ['review', 'accept', 'reject'] as const)
    expect(judgeLate(cancelled, { ...strict, late }, unknown)).toMatchObject({ reason: 'after_deadline' });
  expect(judgeLate(invoice, { ...strict, late: 'accept' }, unknown)).toEqual({ kind: 'counts', as: 'late' });
});

test('of two marks the graver one stands', () => {
  expect(graver(null, null)).toBe(null);
  for (const [index, mark] of exceptions.entries()) {
    expect(graver(mark, null)).toBe(mark);
    for (const other of exceptions.slice(index)) expect(graver(other, mark)).toBe(mark);
  }
});
