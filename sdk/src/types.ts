/**
 * What goes over the wire, named and typed as the API document has it: creating answers strings only, viewing answers
 * integers and numbers, webhooks carry amounts as strings.
 */

// Each list is open: a newer server may know more than this client.
type OrOther = string & {};

export type NetworkCode =
  | 'TRC-20'
  | 'ERC-20'
  | 'BEP-20'
  | 'POLYGON'
  | 'ARBITRUM'
  | 'OPTIMISM'
  | 'BASE'
  | 'AVALANCHE'
  | OrOther;

export type CryptocurrencyCode = 'USDT' | 'USDC' | 'DAI' | 'TRX' | 'ETH' | 'BNB' | 'POL' | 'AVAX' | OrOther;

/** `new` also covers a payment that is seen but not final yet; `paid_at` and the transaction may be set by then. */
export type InvoiceStatus = 'new' | 'completed' | 'expired' | 'paid_manually' | 'cancelled';

/**
 * A decimal amount. Prefer a string: a number is sent as JavaScript prints it, so that 0.1 + 0.2 is refused by the
 * server for its seventeen decimals.
 */
export type Amount = string | number | bigint;

type Order = {
  amount: Amount;
  /** Your order's number, unique per merchant for ever. */
  client_reference_id: string | number | bigint;
  /** ISO 4217 code of `amount`; USD by default. */
  currency?: string | undefined;
  /** At most 2000 characters, returned as given. */
  metadata?: string | undefined;
};

/** Give `cryptocurrency` and `network` together, or neither for USDT on TRC-20. */
export type CreateInvoice = Order & {
  cryptocurrency?: CryptocurrencyCode | undefined;
  network?: NetworkCode | undefined;
};

export type CreateWidget = Order & {
  /** Shown to the payer; at most 100 characters. */
  widget_description?: string | undefined;
  /** Where the payer goes after paying, and after giving up: http or https. */
  back_url?: string | undefined;
  cancel_url?: string | undefined;
  lang?: 'ru-RU' | 'en-US' | 'de-DE' | 'es-ES' | 'fr-FR' | undefined;
};

/** The answer to a create: every value a string. `expire_at` is in unix seconds. */
export type CreatedInvoice = {
  id: string;
  /** Exactly what the payer must send: no more and no less. */
  final_amount: string;
  cryptocurrency: CryptocurrencyCode;
  network: NetworkCode;
  wallet: string;
  expire_at: string;
};

/**
 * An invoice with a page to send the payer to. The details of the payment are there in the mode "USDT TRC-20 receive
 * only"; otherwise the payer chooses on the page, and there is nothing to tell yet. A check of `wallet` tells which.
 */
export type CreatedWidget = { widget_url: string } & (
  | CreatedInvoice
  | (Pick<CreatedInvoice, 'id' | 'expire_at'> & { [detail in PaymentDetail]?: undefined })
);

type PaymentDetail = 'final_amount' | 'cryptocurrency' | 'network' | 'wallet';

/**
 * An invoice as viewed; times are unix seconds. `final_amount` arrives as a JSON number, and a JavaScript number holds
 * 15 significant digits of it (up to 9999999.99999999): show the string of `CreatedInvoice` or of a webhook instead
 * where larger amounts with many decimals can occur.
 */
export type Invoice = {
  id: number;
  /** Null until the payer has chosen, and so are `network` and `wallet`. */
  cryptocurrency: CryptocurrencyCode | null;
  network: NetworkCode | null;
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

/** The answer to a confirmation has no coin and network, and `requested_amount` is a number like `final_amount`. */
export type ConfirmedInvoice = Omit<Invoice, 'cryptocurrency' | 'network' | 'requested_amount'> & {
  requested_amount: number;
};

/** The account the keys belong to. `balance` is in `currency`. */
export type User = {
  id: number;
  status: string;
  /** In `currency`, rounded down to cents; below zero is owed. */
  balance: number;
  currency: string;
  /** Only there while the balance is low: new invoices may soon be refused. */
  balance_low?: true;
};

/** `rate` is how many units of the currency one US dollar is. An invoice can be made in an `enabled` one. */
export type CurrencyRate = { currency: string; rate: number; status: 'enabled' | 'disabled' };

/** `rate` is null for a currency the server does not know, and for a disabled one of which no rate is known. */
export type CurrencyStatus =
  | { status: 'enabled'; rate: number }
  | { status: 'disabled'; rate: number | null }
  | { status: 'not_supported'; rate: null };

/** The documented events, and those that are sent only to merchants who asked for them. */
export type EventType =
  | 'paid'
  | 'expired'
  | 'paid_manually'
  | 'cancelled'
  | 'detected'
  | 'underpaid'
  | 'overpaid'
  | 'late'
  | 'duplicate'
  | 'reversed';

/** What an event says of its invoice. `cryptocurrency` and `network` are null in "USDT TRC-20 receive only" mode. */
export type WebhookData = {
  id: number;
  wallet: string | null;
  cryptocurrency: CryptocurrencyCode | null;
  network: NetworkCode | null;
  /** These five come with `paid`, the source ones only for an invoice in another currency than USD. */
  payer_wallet?: string | null;
  transaction_id?: string | null;
  source_currency?: string;
  source_amount?: string;
  paid_at?: number | null;
  /** With the events that a merchant has to ask for: what the transfer they tell of brought. */
  received_amount?: string;
  final_amount: string;
  requested_amount: string;
  status: string;
  client_reference_id: string;
  metadata: string | null;
  created_at: number;
  expire_at: number;
};

/** `retry_count` is 0 in the first request of a delivery. */
export type WebhookEvent = { event_type: EventType | OrOther; retry_count: number; data: WebhookData };
