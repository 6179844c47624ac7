/** What has become of a transfer that settled nothing, in a word. */
import type { StrayAnswer } from '../../../../server/src/http/dashboard-api/money.ts';
import type { BadgeTone } from '../../parts/badge.tsx';

type Standing = {
  name: 'open' | 'unsafe' | 'accepted' | 'refunded' | 'dismissed' | 'ignored';
  tone: BadgeTone;
};

export function standingOf({ state, resolution, final }: StrayAnswer): Standing {
  if (state === 'matched') return { name: 'accepted', tone: 'good' };
  if (resolution !== null) return { name: resolution, tone: 'calm' };
  if (state === 'ignored') return { name: 'ignored', tone: 'calm' };
  return final ? { name: 'open', tone: 'warn' } : { name: 'unsafe', tone: 'busy' };
}

export const waits = (transfer: StrayAnswer): boolean =>
  transfer.state === 'unmatched' && transfer.resolution === null;
