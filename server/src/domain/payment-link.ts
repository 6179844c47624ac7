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
 * `busy`: not now, but perhaps when what is open has ended; one that may be paid a few times more has no more open than
 * that, so that it is not paid more often.
 */
export function linkStanding(link: PaymentLink, uses: LinkUses, now: number): 'open' | 'busy' | 'closed' {
  const { active, maxUses, expiresAt } = link;
  if (!active || (expiresAt !== null && now >= expiresAt)) return 'closed';
  if (maxUses !== null && uses.paid >= maxUses) return 'closed';
  if (maxUses !== null && uses.paid + uses.open >= maxUses) return 'busy';
  return uses.open >= MOST_OPEN || uses.open + uses.holding >= MOST_HOLDING ? 'busy' : 'open';
}
