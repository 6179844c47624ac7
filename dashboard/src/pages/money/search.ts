/** What the address of the page says: which transfers are shown, and which one stands open. */
import type { StrayReason } from '../../../../server/src/http/dashboard-api/money.ts';

export const states = ['open', 'closed', 'all'] as const;
export const reasons = [
  'no_reservation',
  'before_invoice',
  'after_deadline',
  'late_rejected',
  'second_transfer',
  'self_transfer',
] as const satisfies readonly StrayReason[];

export type MoneySearch = {
  /** Every transfer that settled nothing, beside what waits for somebody. */
  view?: 'transfers';
  /** Where the page of what waits before ended. */
  after?: string;
  state?: (typeof states)[number];
  reason?: (typeof reasons)[number];
  network?: string;
  /** Where the page before ended. */
  cursor?: number;
  transfer?: number;
};

/** Whatever is not understood is left out. */
export function moneySearch(raw: Record<string, unknown>): MoneySearch {
  const state = states.find(one => one === raw.state);
  const reason = reasons.find(one => one === raw.reason);
  const [cursor, transfer] = [Number(raw.cursor), Number(raw.transfer)];
  const hasNetwork = typeof raw.network === 'string' && raw.network !== '';
  const isNarrowed = raw.view === 'transfers' || state !== undefined || reason !== undefined || hasNetwork;
  return {
    ...(isNarrowed && { view: 'transfers' as const }),
    ...(typeof raw.after === 'string' && raw.after !== '' && { after: raw.after }),
    ...(state && { state }),
    ...(reason && { reason }),
    ...(hasNetwork && { network: raw.network as string }),
    ...(Number.isSafeInteger(cursor) && cursor > 0 && { cursor }),
    ...(Number.isSafeInteger(transfer) && transfer > 0 && { transfer }),
  };
}
