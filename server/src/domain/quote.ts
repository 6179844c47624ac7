/** From the price the shop asked for to the amount due, before the tail is added. */
import { commissionOf } from './commission.ts';
import { add, ceilTo, type Decimal } from './money.ts';

export type Quote = {
  /** In the payment coin, 8 decimals. */
  requested: Decimal;
  /** What the service takes of it, 8 decimals of the coin too. */
  commission: Decimal;
  /** The least amount that is due, at the wallet's digits; the tail comes on top. */
  base: Decimal;
};

/**
 * requested + commission (where the payer bears it), rounded up to the wallet's digits: the merchant never gets less
 * than asked. With the tail on top, the payer pays less than
 * requested · (1 + percent / 100) + 10^-8 + (1 + maxTail) · 10^-digits.
 */
export function quote(price: {
  requested: Decimal;
  percent: Decimal;
  commissionPayer: 'payer' | 'merchant';
  digits: number;
}): Quote {
  const commission = commissionOf(price.requested, price.percent);
  const due = price.commissionPayer === 'payer' ? add(price.requested, commission) : price.requested;
  return { requested: price.requested, commission, base: ceilTo(due, price.digits) };
}
