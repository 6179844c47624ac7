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
  /** The idempotency key is another request's, which may still be under way. */
  'key_in_use',
  /** The user's balance, from which the commission would be taken, is below the operator's limit. */
  'balance_low',
] as const;
export type CreateFault = (typeof createFaults)[number];

export const confirmFaults = [
  'invoice_unknown',
  /** Not the form of a transaction id on any network the invoice could be paid on. */
  'transaction_malformed',
  /** It is on the chain and was undone there. */
  'transaction_failed',
  /** It pays another wallet or another coin. */
  'transaction_foreign',
  /** It cannot be seen, and the merchant takes only what can. */
  'transaction_unseen',
  /** Every fitting transfer of it is another invoice's. */
  'transaction_taken',
  /** Somebody has said that it was given back: it pays for nothing. */
  'transaction_refunded',
  /** The invoice is settled by another transaction. */
  'invoice_settled',
  /** Where it was to be paid is not as it was registered: somebody changed it in the database. */
  'wallet_integrity',
] as const;
export type ConfirmFault = (typeof confirmFaults)[number];

export type CancelFault =
  | 'invoice_unknown'
  /** It is past the point where it could be cancelled. */
  | 'invoice_ended'
  /** Money is on its way. */
  | 'payment_seen';

export type ChooseFault =
  | 'page_unknown'
  /** Its time is over, or it ended in another way. */
  | 'invoice_ended'
  /** Money is on its way. */
  | 'payment_seen'
  /** The payer has changed to new amounts as often as may be. */
  | 'too_many_changes'
  /** The coin's market price is too far from a dollar. */
  | 'off_peg'
  /** What the coin costs is not known well enough. */
  | 'no_rate'
  | Extract<CreateFault, 'no_wallet' | 'no_free_amount' | 'network_behind' | 'wallet_integrity'>;
