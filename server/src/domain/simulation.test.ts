import { describe, expect, test } from 'vitest';
import { isEnded, statuses } from './invoice.ts';
import { simulations, simulationsFor } from './simulation.ts';

const standing = { status: 'new', hasMethod: true, isOver: false, isFinal: false } as const;
const offered = (given: Partial<Parameters<typeof simulationsFor>[0]>) =>
  simulationsFor({ ...standing, ...given });

describe('what may be tried', () => {
  test('while a payment is awaited is everything but undoing one', () => {
    expect(offered({})).toEqual(simulations.filter(action => action !== 'reorg'));
  });

  test('before anything was chosen is the end of the time, where that is still to come', () => {
    for (const status of statuses) {
      const open = status === 'awaiting_method' || !isEnded(status);
      expect(offered({ status, hasMethod: false })).toEqual(open ? ['expire'] : []);
      expect(offered({ status, hasMethod: false, isOver: true })).toEqual([]);
    }
  });

  test('after the deadline moves no deadline', () => {
    expect(offered({ isOver: true })).toEqual(['late', 'block']);
    for (const status of ['expired', 'cancelled'] as const)
      expect(offered({ status, isOver: true })).toEqual(['late', 'block']);
  });

  test('undoes a payment that was seen and is not final', () => {
    for (const status of statuses)
      expect(offered({ status }).includes('reorg')).toBe(status === 'confirming');
    expect(offered({ status: 'confirming', isFinal: true })).not.toContain('reorg');
  });

  test('may still pay what is paid already', () => {
    for (const status of ['completed', 'paid_manually'] as const)
      expect(offered({ status })).toEqual(['exact', 'block']);
  });
});
