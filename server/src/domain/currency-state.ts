/** What a shop gets for a currency now: the sources' verdict with what the operator has set. */
import { enabledByDefault, kindOf } from './currency.ts';
import { type Decimal, formatNumber } from './money.ts';
import { judge, NO_SPREAD, type NoRate, type Outlier, type Reading, withSpread } from './rate.ts';

/** What the operator has set for a currency. */
export type CurrencySetting = {
  currency: string;
  enabled: boolean;
  /** Used in place of what the sources say, whatever its age. */
  pinnedRate: Decimal | null;
  /** A fraction: 0.01 makes an invoice cost one percent more. */
  spread: Decimal;
};

/** What holds for a currency of which the operator has said nothing. */
export function defaultSetting(currency: string): CurrencySetting {
  return { currency, enabled: enabledByDefault(currency), pinnedRate: null, spread: NO_SPREAD };
}

export type CurrencyState = { currency: string; off: Outlier[] } & (
  | {
      status: 'enabled';
      /** Units for one US dollar, the spread included. */
      rate: Decimal;
      /** Where the rate is from, as JSON that is kept with the invoice. */
      origin: string;
    }
  /** `why: 'switched_off'`: by the operator. `rate` is the last one known, for people to look at. */
  | { status: 'disabled'; why: NoRate | 'switched_off'; rate: Decimal | null }
);

/** null: not a currency we know. `now` in milliseconds; `quorum`: how many sources must agree. */
export function currencyState(
  { currency, enabled, pinnedRate, spread }: CurrencySetting,
  readings: readonly Reading[],
  { now, quorum }: { now: number; quorum: number },
): CurrencyState | null {
  const kind = kindOf(currency);
  if (!kind) return null;
  const verdict = judge(readings, { kind, now, quorum });
  const { off } = verdict;
  const found = pinnedRate ?? (verdict.ok ? verdict.rate : null);
  const rate = found && withSpread(found, spread);
  if (!enabled) {
    const known = rate ?? (verdict.ok ? null : verdict.last);
    return { currency, off, status: 'disabled', why: 'switched_off', rate: known };
  }
  if (rate) {
    const counted = pinnedRate || !verdict.ok ? [] : verdict.counted;
    return { currency, off, status: 'enabled', rate, origin: originOf(counted, pinnedRate, spread) };
  }
  if (verdict.ok) throw new Error('a verdict with a rate left none');
  return { currency, off, status: 'disabled', why: verdict.why, rate: verdict.last };
}

/** The sources that counted, with what each said and when (Unix seconds), or the pin; and the spread on top. */
function originOf(counted: readonly Reading[], pinnedRate: Decimal | null, spread: Decimal): string {
  const sources = counted.map(({ source, perUsd, observedAt, fetchedAt }) => ({
    source,
    rate: formatNumber(perUsd),
    observed_at: Math.floor(observedAt / 1000),
    fetched_at: Math.floor(fetchedAt / 1000),
  }));
  return JSON.stringify({
    ...(pinnedRate ? { pinned: formatNumber(pinnedRate) } : { sources }),
    ...(spread.units > 0n && { spread: formatNumber(spread) }),
  });
}
