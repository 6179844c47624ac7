/**
 * Everything a payment page shows, and so everything a payer, or whoever has the link, may know of an invoice. The server
 * fills it in; templates turn it into HTML and nothing else is read.
 */

export const languages = ['en-US', 'ru-RU', 'de-DE', 'es-ES', 'fr-FR'] as const;
export type Language = (typeof languages)[number];

/** A way to pay that the payer may choose. `network` is the code the API uses, such as TRC-20. */
export type Method = { asset: string; network: string };

/** What is to be sent. `amount` is exact, as text without grouping; `tail` is how many of its last digits tell it apart. */
export type Due = Method & { amount: string; tail: number; address: string };

/** Where an invoice stands, for the payer. */
export type Screen =
  /** The payer is to choose coin and network. Empty `methods`: none can be offered now. */
  | { kind: 'choose'; methods: Method[] }
  | { kind: 'awaiting'; due: Due }
  /** A payment was seen; `confirmations` of `needed` blocks. `needed` null: the network says itself when it is final. */
  | { kind: 'confirming'; due: Due; transactionId: string; confirmations: number; needed: number | null }
  | { kind: 'paid'; due: Due | null; transactionId: string | null }
  /** The time is over, but the network has not been read past it yet: a payment in time may still be found. */
  | { kind: 'checking'; due: Due | null }
  /** `late`: a payment of this very amount that came too late; the shop has to look at it. */
  | { kind: 'expired'; late: { transactionId: string } | null }
  | { kind: 'cancelled'; late: { transactionId: string } | null };

/** A link to the shop. `automatic`: the payer is sent there without a click, since it is the merchant's own host. */
export type Exit = { url: string; automatic: boolean };

export type PageState = {
  /** The unguessable name of the page. */
  pageId: string;
  language: Language;
  merchant: { name: string; url: string };
  description: string | null;
  /** As the shop asked, such as 45.749 EUR. */
  price: { amount: string; currency: string };
  screen: Screen;
  /** Milliseconds since 1970, by the server's clock. */
  createdAt: number;
  expireAt: number;
  now: number;
  canCancel: boolean;
  /** After payment, and after giving up. */
  back: Exit | null;
  cancel: Exit | null;
};
