/** From `amount` and `currency` of a request to what is asked for in US dollars. */
import type { AssetCode } from '../../domain/asset.ts';
import { BASE_CURRENCY } from '../../domain/currency.ts';
import type { CurrencyState } from '../../domain/currency-state.ts';
import type { CoinRate, Source } from '../../domain/invoice.ts';
import { type Decimal, divideHalfUp, formatDecimal, PRICE_SCALE, parsePrice } from '../../domain/money.ts';
import type { Clock } from '../../lib/clock.ts';
import type { RateBook } from '../../rates/rate-book.ts';
import { InvalidRequest } from './envelope.ts';

/** Throws InvalidRequest on `currency` where it cannot be priced. */
export type AskPrice = (asked: {
  amount: Decimal;
  currency: string | null;
  /** The coin it is to be paid in; USDT where none is named. */
  cryptocurrency?: AssetCode | null;
  /** The payer is to choose the coin later, so none is looked at now. */
  payerChooses?: boolean;
}) => Promise<{ requested: Decimal; source: Source | null; rate: CoinRate | null }>;

/** What a shop is told; which sources there are and what they said is the operator's to see. */
const REASONS: Record<Extract<CurrencyState, { status: 'disabled' }>['why'], string> = {
  switched_off: 'it is not accepted here',
  none: 'its rate is not known',
  too_old: 'its rate is out of date',
  too_few: 'its rate is not known well enough',
  contradictory: 'its rate is not known well enough',
  off_peg: 'its market price is too far from one US dollar',
};

/** Prices by the rates this process knows now; it waits for nothing. */
export function createAskPrice({ book, clock }: { book: RateBook; clock: Clock }): AskPrice {
  return async ({ amount, currency, cryptocurrency, payerChooses = false }) => {
    const now = clock.now();
    const rate = payerChooses ? null : coinRate(book, cryptocurrency ?? 'USDT', now);
    if (currency === null || currency === BASE_CURRENCY) return { requested: amount, source: null, rate };
    const state = book.find(currency, now);
    if (!state) throw new InvalidRequest({ currency: ['Currency is not supported.'] });
    if (state.status === 'disabled')
      throw new InvalidRequest({ currency: [`Currency ${currency} is disabled: ${REASONS[state.why]}.`] });
    const requested = toDollars(amount, state.rate);
    return { requested, source: { currency, amount, rate: state.rate, rateOrigin: state.origin }, rate };
  };
}

/** Half up, and within what a price can be. */
function toDollars(amount: Decimal, rate: Decimal): Decimal {
  const requested = divideHalfUp(amount, rate, PRICE_SCALE);
  if (requested.units === 0n)
    throw new InvalidRequest({ amount: ['Amount is too small: it is less than 0.00000001 US dollars.'] });
  const price = parsePrice(formatDecimal(requested));
  if (!price.ok) throw new InvalidRequest({ amount: ['Amount in US dollars must be less than 10^15.'] });
  return price.value;
}

/** A stablecoin that has left its band, or a coin of which nobody knows the price, may pay the shop less than it asked for. */
function coinRate(book: RateBook, coin: AssetCode, now: number): CoinRate | null {
  const rate = book.coinRate(coin, now);
  if (rate.ok) return rate.value;
  throw new InvalidRequest({
    cryptocurrency: [`${coin} is not accepted at the moment: ${REASONS[rate.fault]}.`],
  });
}
