import { describe, expect, it } from 'vitest';
import { linkStanding, MOST_HOLDING, MOST_OPEN } from './payment-link.ts';

const now = 1_767_268_800_000;
const link = { active: true, maxUses: null, expiresAt: null };
const none = { open: 0, holding: 0, paid: 0 };

describe('a payment link', () => {
  it.each([
    ['new', link, none, 'open'],
    ['closed by its merchant', { ...link, active: false }, none, 'closed'],
    ['a moment before its end', { ...link, expiresAt: now + 1 }, none, 'open'],
    ['at its end', { ...link, expiresAt: now }, none, 'closed'],
    ['paid often, without a limit', link, { ...none, paid: 1_000_000 }, 'open'],
    ['paid as often as it may be', { ...link, maxUses: 2 }, { ...none, paid: 2 }, 'paid'],
    ['paid so, and closed', { ...link, maxUses: 2, active: false }, { ...none, paid: 2 }, 'closed'],
    ['paid once of twice', { ...link, maxUses: 2 }, { ...none, paid: 1 }, 'open'],
    ['paid once of twice, with one open', { ...link, maxUses: 2 }, { ...none, paid: 1, open: 1 }, 'underway'],
    ['with one that ended unpaid', { ...link, maxUses: 1 }, { ...none, holding: 1 }, 'open'],
    ['with as many open as may be', link, { ...none, open: MOST_OPEN }, 'busy'],
    ['with nearly as many', link, { ...none, open: MOST_OPEN - 1 }, 'open'],
    ['with too many amounts held', link, { ...none, open: 1, holding: MOST_HOLDING - 1 }, 'busy'],
    ['closed while busy', { ...link, active: false }, { ...none, open: MOST_OPEN }, 'closed'],
  ] as const)('%s is %s', (_what, given, uses, standing) => {
    expect(linkStanding(given, uses, now)).toBe(standing);
  });
});
