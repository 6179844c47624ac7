/**
 * What goes over the wire, named and typed as the API document has it: creating answers strings only, viewing answers
 * integers and numbers, webhooks carry amounts as strings.
 */

/** `new` also covers a payment that is seen but not final yet; `paid_at` and the transaction may be set by then. */
export type InvoiceStatus = 'new' | 'completed' | 'expired' | 'paid_manually' | 'cancelled';

/**
 * A decimal amount. Prefer a string: a number is sent as JavaScript prints it, so that 0.1 + 0.2 is refused by the
 * server for its seventeen decimals.
 */
export type Amount = string | number | bigint;

/** `client_reference_id` is your order's number, unique per merchant for ever. */
export type CreateInvoice = {
  amount: Amount;
  client_reference_id: string | number | bigint;
  /** ISO 4217 code of `amount`; USD by default. */
  currency?: string | undefined;
  /** Give `cryptocurrency` and `network` together, or neither for USDT on TRC-20. */
  cryptocurrency?: string | undefined;
  network?: string | undefined;
  /** At most 2000 characters, returned as given. */
  metadata?: string | undefined;
};

/** The answer to a create: every value a string. `expire_at` is in unix seconds. */
export type CreatedInvoice = {
  id: string;
  /** Exactly what the payer must send: no more and no less. */
  final_amount: string;
  cryptocurrency: string;
  network: string;
  wallet: string;
  expire_at: string;
};

/**
 * An invoice as viewed; times are unix seconds. `final_amount` arrives as a JSON number, and a JavaScript number holds
 * 15 significant digits of it (up to 9999999.99999999): show the string of `CreatedInvoice` or of a webhook instead
 * where larger amounts with many decimals can occur.
 */
export type Invoice = {
  id: number;
  cryptocurrency: string | null;
  network: string | null;
  wallet: string | null;
  payer_wallet: string | null;
  transaction_id: string | null;
  /** Both only when the invoice was made in another currency than USD. */
  source_currency?: string;
  source_amount?: string;
  final_amount: number;
  requested_amount: string;
  status: InvoiceStatus;
  client_reference_id: string;
  metadata: string | null;
  created_at: number;
  paid_at: number | null;
  expire_at: number;
};

/** The account the keys belong to. `balance` is in `currency`. */
export type User = { id: number; status: string; balance: number; currency: string };

/** The documented events; others are sent only to merchants who asked for them. */
export type EventType = 'paid' | 'expired' | 'paid_manually' | 'cancelled';

/** What an event says of its invoice. `cryptocurrency` and `network` are null in compatibility mode. */
export type WebhookData = {
  id: number;
  wallet: string | null;
  cryptocurrency: string | null;
  network: string | null;
  /** These five come with `paid`, the source ones only for an invoice in another currency than USD. */
  payer_wallet?: string | null;
  transaction_id?: string | null;
  source_currency?: string;
  source_amount?: string;
  paid_at?: number | null;
  /** Null when no way of paying was ever chosen. */
  final_amount: string | null;
  requested_amount: string;
  status: string;
  client_reference_id: string;
  metadata: string | null;
  created_at: number;
  expire_at: number;
};

/** `retry_count` is 0 in the first request of a delivery. */
export type WebhookEvent = { event_type: EventType | (string & {}); retry_count: number; data: WebhookData };
