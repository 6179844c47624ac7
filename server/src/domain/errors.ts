/** What a command may refuse: closed sets, so that every way in (HTTP, command line) must answer each of them. */

export const createFaults = [
  /** The merchant has an invoice with this client_reference_id. */
  'reference_taken',
  /** Compatibility mode knows only USDT on TRC-20. */
  'compat_network',
  /** No active wallet for this coin on this network. */
  'no_wallet',
  /** Every amount of this price is held on every wallet that could take it. */
  'no_free_amount',
  /** The network has not been read for so long that a payment could go unseen. */
  'network_behind',
  /** A wallet row is not as it was registered: somebody changed it in the database. */
  'wallet_integrity',
] as const;
export type CreateFault = (typeof createFaults)[number];
