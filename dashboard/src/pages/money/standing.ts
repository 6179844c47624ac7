/** What has become of a transfer that settled nothing, in a word. */
import type { StrayAnswer } from '../../../../server/src/http/dashboard-api/money.ts';
import type { BadgeTone } from '../../parts/badge.tsx';

type Standing = {
  name: 'open' | 'unsafe' | 'accepted' | 'refunded' | 'dismissed' | 'gone' | 'ignored';
  tone: BadgeTone;
};

export function standingOf({ state, resolution, final, waits, block_time }: StrayAnswer): Standing {
  if (state === 'matched' && !waits) return { name: 'accepted', tone: 'good' };
  if (resolution !== null) return { name: resolution, tone: 'calm' };
  if (waits) return final ? { name: 'open', tone: 'warn' } : { name: 'unsafe', tone: 'busy' };
  return block_time === null ? { name: 'gone', tone: 'calm' } : { name: 'ignored', tone: 'calm' };
}

/** Whether it may still be given to an invoice, also where nobody has to: of a late one that the shop does not take. */
export const isOpen = ({ state, resolution }: StrayAnswer): boolean =>
  state === 'unmatched' && resolution === null;
