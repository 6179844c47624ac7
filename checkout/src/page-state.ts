/**
 * Everything a payment page shows, and so everything a payer, or whoever has the link, may know of an invoice. The server
 * fills it in; templates turn it into HTML and nothing else is read.
 */

export const languages = ['en-US', 'ru-RU', 'de-DE', 'es-ES', 'fr-FR'] as const;
export type Language = (typeof languages)[number];

/** A way to pay that the payer may choose. `network` is the code the API uses, such as TRC-20. */
export type Method = { asset: string; network: string };

/** What the code to scan says: the address alone, or a link that says receiver, coin, network and amount. */
type QrCode = { text: string; holds: 'address' | 'payment' };

/** What is to be sent. `amount` is exact, as text without grouping; `tail` is how many of its last digits tell it apart. */
export type Due = Method & { amount: string; tail: number; address: string; qr: QrCode };

/** What has come in parts: the sum, and each with its transaction. Amounts are exact, as those that are due. */
export type Received = {
  amount: string;
  asset: string;
  parts: { amount: string; transactionId: string }[];
};

/** Where an invoice stands, for the payer. */
export type Screen =
  /** The payer is to choose coin and network. Empty `methods`: none can be offered now. */
  | { kind: 'choose'; methods: Method[] }
  /** `others`: what the payer may change to; empty where the shop has fixed how to pay, or offers nothing else now. */
  | { kind: 'awaiting'; due: Due; others: Method[] }
  /**
   * What is sent would not be seen: the network of what was chosen is not read now, or, `isRetired`, not any more. There may be
   * time left, so `others` is as above.
   */
  | { kind: 'paused'; method: Method; isRetired: boolean; others: Method[] }
  /** A part has come: `due` is the rest. The whole is no longer asked for. */
  | { kind: 'underpaid'; due: Due; received: Received }
  /** A part has come, and no rest is, or is any more, to be sent: the shop has to look at it. */
  | { kind: 'review'; received: Received }
  /** A payment was seen; `confirmations` of `needed` blocks. `needed` null: the network says itself when it is final. */
  | { kind: 'confirming'; due: Due; transactionId: string; confirmations: number; needed: number | null }
  /** `more`: what the shop should hear of the payer about, since more than was asked is on the chain; `refund`: it was given back. */
  | { kind: 'paid'; due: Due | null; transactionId: string | null; more?: More; refund?: Refund }
  /** The time is over, but the network has not been read past it yet: a payment in time may still be found. */
  | { kind: 'checking'; due: Due | null }
  /** `isUnread`: a network was not read to the end of the time, so that a payment may have come unseen. */
  | { kind: 'expired'; late: Late | null; isUnread?: true }
  | { kind: 'cancelled'; late: Late | null };

/** A payment of this very amount that came too late: the shop has to look at it, or has said that it accepts none. */
export type Late = { transactionId: string; isRejected?: boolean; refund?: Refund };

/** The shop says that it has given money back, and perhaps by which transaction. */
export type Refund = { transactionId: string | null };

/** `over`: by a larger amount, which the shop took as payment. `again`: by another transfer. */
export type More = 'over' | 'again';

/** What may be tried out in test mode, which only local chains have. */
export type Simulation =
  | 'exact'
  | 'less'
  | 'more'
  | 'late'
  | 'twice'
  | 'wrong-token'
  | 'block'
  | 'reorg'
  | 'expire';
export type SimulationFault = 'not_now' | 'busy' | 'final' | 'failed';

/** What was tried last: the transactions it sent or took back, and why it did not work, if so. */
export type Simulated = { action: Simulation; transactionIds: string[]; fault: SimulationFault | null };

/** An address below /payment/, and the size of the picture in pixels. */
type Logo = { url: string; width: number; height: number };

/** A link to the shop. `automatic`: the payer is sent there without a click, since it is the merchant's own host. */
export type Exit = { url: string; automatic: boolean };

export type PageState = {
  /** The unguessable name of the page. */
  pageId: string;
  language: Language;
  merchant: { name: string; url: string; logo: Logo | null };
  /** The origins of the shop's pages that may show this one in a frame, and are told what becomes of the payment. */
  parents: readonly string[];
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
  /** Test mode, and what makes sense in it now; absent wherever real money may be. */
  simulate?: { actions: readonly Simulation[]; done: Simulated | null };
};
