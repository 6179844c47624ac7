import { describe, expect, test } from 'vitest';
import { decimal } from '../../../test/factories.ts';
import { anInvoice } from '../../../test/invoice.ts';
import { type Considered, rank, type StrayTransfer } from './candidates.ts';
import type { Invoice, Method } from './invoice.ts';

const MINUTE = 60_000;
const asked = anInvoice();
const method = asked.method as Method;

/** 10.007 was asked; what else is different the test says. */
function transfer(amount: string, given: Partial<StrayTransfer> = {}): StrayTransfer {
  return {
    network: 'TRC-20',
    asset: 'USDT',
    to: method.addressKey,
    amount: decimal(amount),
    time: asked.createdAt + MINUTE,
    ...given,
  };
}

const of = (given: Partial<Invoice> = {}, more: Partial<Considered> = {}): Considered => ({
  invoice: anInvoice(given),
  replaced: [],
  samePayer: false,
  ...more,
});

const evidence = (stray: StrayTransfer, one: Considered = of()) => rank(stray, [one])[0]?.evidence ?? null;

describe('the amount', () => {
  test.each([
    ['10.007', 'exact'],
    ['10', 'without_tail'],
    ['9.007', 'exchange_fee'],
    ['9.807', 'exchange_fee'],
    ['9.9', 'near_under'],
    ['10.0070001', 'near_over'],
    ['10.50735', 'near_over'],
  ])('%s of 10.007 speaks as %s', (amount, told) => {
    expect(evidence(transfer(amount))?.[0]).toBe(told);
  });

  test('of more than 5 per cent off says nothing, however little it is', () => {
    expect(evidence(transfer('10.507351'))).toBeNull();
    expect(evidence(transfer('9.506'))).toBeNull();
    expect(evidence(transfer('9.50665'))).not.toBeNull();
  });

  test('less by a fee of another network is no fee of this one', () => {
    expect(evidence(transfer('9.007', { network: 'BASE' }))).toBeNull();
  });

  test('less by such a fee is none of a coin with a price of its own', () => {
    const due = { ...method, asset: 'TRX' as const, final: decimal('40.007') };
    const stray = transfer('39.007', { asset: 'TRX' });
    expect(evidence(stray, of({ method: due, requested: decimal('40') }))?.[0]).toBe('near_under');
  });

  test('is compared by value, whatever decimals a network has', () => {
    const stray = transfer('10.007000000000000000', { network: 'BEP-20' });
    expect(evidence(stray)).toEqual(['exact', 'in_time', 'other_network']);
  });

  test('says the more the nearer it is', () => {
    const near = rank(transfer('10.0069'), [of()])[0]?.score ?? 0;
    const far = rank(transfer('9.6'), [of()])[0]?.score ?? 0;
    expect(near).toBeGreaterThan(far);
  });
});

describe('the time', () => {
  const late = asked.expireAt + 3 * MINUTE;
  test('in the grace it is in time, after it late', () => {
    expect(evidence(transfer('10.007', { time: asked.expireAt + MINUTE }))).toContain('in_time');
    expect(evidence(transfer('10.007', { time: late }), of({ status: 'expired' }))).toContain('late');
  });

  test('after a cancellation it says so', () => {
    const cancelled = of({ status: 'cancelled', endedAt: asked.createdAt + MINUTE });
    expect(evidence(transfer('10.007', { time: asked.createdAt + 2 * MINUTE }), cancelled)).toContain(
      'after_cancellation',
    );
  });

  test('nobody pays for what is not there yet, nor for what ended more than a week ago', () => {
    expect(evidence(transfer('10.007', { time: asked.createdAt - 3 * MINUTE }))).toBeNull();
    const week = 7 * 24 * 60 * MINUTE;
    expect(evidence(transfer('10.007', { time: asked.expireAt + week }))).not.toBeNull();
    expect(evidence(transfer('10.007', { time: asked.expireAt + week + 1 }))).toBeNull();
  });
});

describe('the place', () => {
  test.each([
    [{ network: 'BEP-20' }, ['other_network']],
    [{ asset: 'USDC' }, ['other_coin']],
    [{ network: 'BEP-20', asset: 'USDC' }, ['other_network', 'other_coin']],
    [{ to: '41ff' }, ['other_wallet']],
  ] as const)('%o', (given, told) => {
    expect(evidence(transfer('10.007', given))).toEqual(['exact', 'in_time', ...told]);
  });

  test('of an invoice that was asked nowhere yet every wallet is the right one', () => {
    expect(evidence(transfer('10'), of({ method: null, status: 'awaiting_method' }))).toEqual([
      'exact',
      'in_time',
    ]);
  });

  test('a coin the payer has gone away from counts like the one chosen last', () => {
    const before: Method = { ...method, network: 'BEP-20', final: decimal('10.031') };
    const [best] = rank(transfer('10.031', { network: 'BEP-20' }), [of({}, { replaced: [before] })]);
    expect(best).toMatchObject({ evidence: ['exact', 'in_time'], network: 'BEP-20' });
  });
});

describe('the order', () => {
  test('an exact amount too late stands before a near one in time, the same payer lifts, a paid one sinks', () => {
    const stray = transfer('10.007', { time: asked.expireAt + 3 * MINUTE });
    const open = { createdAt: stray.time - MINUTE, expireAt: stray.time + 30 * MINUTE };
    const near = (id: number, more = {}) =>
      of({ id, ...open, method: { ...method, since: open.createdAt, final: decimal('10.1') } }, more);
    const ranked = rank(stray, [
      of({ id: 4, status: 'completed' }),
      near(2),
      near(3, { samePayer: true }),
      of({ id: 1, status: 'expired' }),
    ]);
    expect(ranked.map(({ invoice }) => invoice.id)).toEqual([1, 3, 2, 4]);
  });

  test.each(['confirming', 'completed', 'paid_manually'] as const)(
    'one that is %s is paid already',
    status => {
      expect(evidence(transfer('10.007'), of({ status }))).toContain('already_paid');
    },
  );

  test('of two that are as near to a thousandth the nearer one is first, whichever is newer', () => {
    const due = (id: number, final: string) => of({ id, method: { ...method, final: decimal(final) } });
    for (const [first, second] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const ranked = rank(transfer('9.9'), [due(first, '10.001'), due(second, '10.002')]);
      expect(ranked[0]?.score).toBe(ranked[1]?.score);
      expect(ranked.map(({ invoice }) => invoice.id)).toEqual([first, second]);
    }
  });

  test('of equal ones the nearer amount, then the newer invoice; each once, at most ten', () => {
    const many = Array.from({ length: 30 }, (_, at) => of({ id: at + 1 }));
    const ranked = rank(transfer('10.007'), many);
    expect(ranked.map(({ invoice }) => invoice.id)).toEqual([30, 29, 28, 27, 26, 25, 24, 23, 22, 21]);
  });
});
