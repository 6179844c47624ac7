/** What the address of the log says. */
export const states = ['open', 'delivered', 'failed'] as const;
export const events = [
  'paid',
  'expired',
  'cancelled',
  'paid_manually',
  'detected',
  'underpaid',
  'overpaid',
  'late',
  'duplicate',
  'reversed',
] as const;

export type WebhookSearch = {
  merchant?: number;
  state?: (typeof states)[number];
  event?: (typeof events)[number];
  /** Where the page before ended. */
  cursor?: number;
  /** The one that stands open. */
  delivery?: number;
};

/** Whatever is not understood is left out. */
export function webhookSearch(raw: Record<string, unknown>): WebhookSearch {
  const state = states.find(one => one === raw.state);
  const event = events.find(one => one === raw.event);
  const ids = (['merchant', 'cursor', 'delivery'] as const).flatMap(name => {
    const id = Number(raw[name]);
    return Number.isSafeInteger(id) && id > 0 ? [[name, id] as const] : [];
  });
  return { ...(state && { state }), ...(event && { event }), ...Object.fromEntries(ids) };
}
