/** From the price the shop asked for to the amount due, before the tail is added. */
import { add, ceilTo, type Decimal, multiply, PRICE_SCALE } from './money.ts';

export type Quote = {
  /** In the payment coin, 8 decimals. */
  requested: Decimal;
  /** What the service takes of it, 8 decimals. */
  commission: Decimal;
  /** The least amount that is due, at the wallet's digits; the tail comes on top. */
  base: Decimal;
};

/**
 * requested + commission (where the payer bears it), rounded up to the wallet's digits: the merchant never gets less
 * than asked. `fee` is a fraction (0.01 is one percent).
 */
export function quote(price: {
  requested: Decimal;
  fee: Decimal;
  commissionPayer: 'payer' | 'merchant';
  digits: number;
}): Quote {
  const commission = ceilTo(multiply(price.requested, price.fee), PRICE_SCALE);
  const due = price.commissionPayer === 'payer' ? add(price.requested, commission) : price.requested;
  return { requested: price.requested, commission, base: ceilTo(due, price.digits) };
}
