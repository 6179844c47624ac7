import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anInvoice } from '../../../test/invoice.ts';
import { tableOf } from '../../../test/markdown.ts';
import {
  apply,
  finalAmount,
  type Input,
  type Invoice,
  inputs,
  isEnded,
  type Outcome,
  publicStatus,
  type Seen,
  statuses,
  transitions,
} from './invoice.ts';
import { formatAmount } from './money.ts';

const STATES = 'docs/states.md';
const now = 1_767_269_000_123;
const seen: Seen = { transactionId: 'ab', payerWallet: 'T1', paidAt: 1_767_268_900_000 };

function inWords(outcome: Outcome): string {
  if (typeof outcome === 'string') return outcome;
  return `→ ${outcome.to}${outcome.emits ? `, tells ${outcome.emits}` : ''}`;
}

function frozen(invoice: Invoice): Invoice {
  for (const value of Object.values(invoice)) if (typeof value === 'object') Object.freeze(value);
  if (invoice.method) Object.freeze(invoice.method.final);
  return Object.freeze(invoice);
}

/** Walks an invoice through inputs, as the stages do; answers every invoice on the way and the events. */
function walk(walked: readonly Input[], start = anInvoice({ status: 'awaiting_method' })) {
  const path = [frozen(start)];
  const events: string[] = [];
  for (const input of walked) {
    const changed = apply(path.at(-1)!, input, { now, seen: needsSeen(input) ? seen : null });
    if (typeof changed !== 'object') continue;
    path.push(frozen(changed.after));
    if (changed.emits) events.push(changed.emits);
  }
  return { path, events };
}

const needsSeen = (input: Input) => input === 'transfer_seen' || input === 'transfer_final';

describe('the table of transitions', () => {
  test('answers every input in every status', () => {
    expect(Object.keys(transitions).sort()).toEqual([...statuses].sort());
    for (const status of statuses) {
      expect(Object.keys(transitions[status]).sort()).toEqual([...inputs].sort());
    }
  });

  test('is the one in docs/states.md', () => {
    const { header, rows } = tableOf(STATES, 'Transitions', 'status');
    expect(header.slice(1).map(cell => cell.replaceAll('`', ''))).toEqual([...inputs]);
    expect(rows).toEqual(
      statuses.map(status => [status, ...inputs.map(input => inWords(transitions[status][input]))]),
    );
  });

  test('explains every status and every input there', () => {
    const explained = tableOf(STATES, 'Invoice', 'status').rows;
    expect(explained.map(([status]) => status)).toEqual([...statuses]);
    for (const [status, , ended] of explained)
      expect(ended).toBe(isEnded(status as Invoice['status']) ? 'yes' : 'no');
    expect(tableOf(STATES, 'Transitions', 'input').rows.map(([input]) => input)).toEqual([...inputs]);
  });

  test('tells the shop exactly when an end is reached', () => {
    for (const outcome of statuses.flatMap(status => Object.values(transitions[status]))) {
      if (typeof outcome === 'string') continue;
      expect(outcome.emits !== null).toBe(isEnded(outcome.to));
      if (outcome.emits) expect(outcome.emits).toBe(outcome.to === 'completed' ? 'paid' : outcome.to);
    }
  });
});

describe('putting an input to an invoice', () => {
  test('does what the table says and touches nothing else', () => {
    for (const status of statuses) {
      for (const input of inputs) {
        const before = frozen(anInvoice({ status, endedAt: isEnded(status) ? now - 1 : null }));
        const changed = apply(before, input, { now, seen });
        const outcome = transitions[status][input];
        if (typeof outcome === 'string') {
          expect(changed).toBe(outcome);
          continue;
        }
        const { status: to, seen: shown, endedAt, ...rest } = (changed as { after: Invoice }).after;
        const { status: _, seen: __, endedAt: ___, ...kept } = before;
        expect(rest).toEqual(kept);
        expect(to).toBe(outcome.to);
        expect(endedAt).toBe(isEnded(to) ? now : null);
        expect(shown).toEqual(['confirming', 'completed', 'paid_manually'].includes(to) ? seen : null);
      }
    }
  });

  test('never leaves a paid end, and leaves the other two only to be paid', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 30 }), walked => {
        const { path } = walk(walked);
        path.slice(1).forEach((after, index) => {
          const before = path[index]!;
          expect(['completed', 'paid_manually']).not.toContain(before.status);
          if (isEnded(before.status)) expect(['completed', 'paid_manually']).toContain(after.status);
        });
      }),
      { numRuns: 5000 },
    );
  });

  test('tells of a payment at most once, last, and after at most one other event', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 30 }), walked => {
        const told = walk(walked).events.join(' ');
        expect(told).toMatch(/^(expired|cancelled)?( ?(paid|paid_manually))?$/);
      }),
      { numRuns: 5000 },
    );
  });

  test('forgets what was seen when the transfer is gone', () => {
    const { path } = walk(['method_chosen', 'transfer_seen', 'transfer_gone']);
    expect(path.map(({ status, seen: shown }) => [status, shown])).toEqual([
      ['awaiting_method', null],
      ['new', null],
      ['confirming', seen],
      ['new', null],
    ]);
  });

  test('lets a transfer found late complete an expired or a cancelled invoice', () => {
    expect(walk(['method_chosen', 'deadline_passed', 'transfer_final']).events).toEqual(['expired', 'paid']);
    expect(walk(['method_chosen', 'cancelled', 'transfer_final']).events).toEqual(['cancelled', 'paid']);
  });
});

test('the steps before an end all read new in the API', () => {
  expect(statuses.map(publicStatus)).toEqual([
    'new',
    'new',
    'new',
    'completed',
    'expired',
    'paid_manually',
    'cancelled',
  ]);
});

test('the amount due is the exact one, or what was asked rounded up to 4 digits while nothing is chosen', () => {
  const requested = { units: 5_380_526_186n, scale: 8 };
  expect(formatAmount(finalAmount(anInvoice({ requested })))).toBe('10.007');
  expect(formatAmount(finalAmount(anInvoice({ requested, method: null })))).toBe('53.8053');
  expect(
    formatAmount(finalAmount(anInvoice({ requested: { units: 1_000_000_001n, scale: 8 }, method: null }))),
  ).toBe('10.0001');
});
