/**
 * When a payment link may be paid by. Anybody who has it can make invoices, programs too, and every unpaid one keeps an
 * amount from the shop's other payers: so how many of a link may be unpaid at once is limited.
 */

export type PaymentLink = {
  active: boolean;
  /** How often it may be paid; null: as often as anybody likes. */
  maxUses: number | null;
  /** In ms; null: never. */
  expiresAt: number | null;
};

/** What became of a link's invoices. */
export type LinkUses = {
  /** Neither paid nor over, or over and being paid late. */
  open: number;
  /** Over without payment, and still holding their amount. */
  holding: number;
  paid: number;
};

/** Unpaid invoices of one link that may be open at once. */
export const MOST_OPEN = 100;
/** Those, and the ended ones whose amount is held: a third of the amounts that a wallet has for a price by default. */
export const MOST_HOLDING = 300;

/**
 * `paid`: as often as it may be. `underway`: as often as it may still be paid somebody is about to, so that it is not paid more
 * often; `busy`: too much of it is open or held. Either may change when what is open has ended.
 */
type LinkStanding = 'open' | 'busy' | 'underway' | 'paid' | 'closed';

export function linkStanding(link: PaymentLink, uses: LinkUses, now: number): LinkStanding {
  const { maxUses } = link;
  if (isClosed(link, now)) return 'closed';
  if (maxUses !== null && uses.paid >= maxUses) return 'paid';
  if (maxUses !== null && uses.paid + uses.open >= maxUses) return 'underway';
  return uses.open >= MOST_OPEN || uses.open + uses.holding >= MOST_HOLDING ? 'busy' : 'open';
}

/** Whether nobody may pay by it any more, whatever became of its invoices. */
export const isClosed = ({ active, expiresAt }: PaymentLink, now: number): boolean =>
  !active || (expiresAt !== null && now >= expiresAt);
