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
  return {
    ...(state && { state }),
    ...(reason && { reason }),
    ...(typeof raw.network === 'string' && raw.network !== '' && { network: raw.network }),
    ...(Number.isSafeInteger(cursor) && cursor > 0 && { cursor }),
    ...(Number.isSafeInteger(transfer) && transfer > 0 && { transfer }),
  };
}
