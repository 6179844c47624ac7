/** What a request of the payer may have failed with; shown above the screen, which stays usable. */
export const notices = [
  'no_amount',
  'network_behind',
  'unavailable',
  'payment_seen',
  'changes_used',
  'ended',
] as const;
export type Notice = (typeof notices)[number];
