/**
 * What is known of rates in this process now. It is filled from the database in the background, so a request reads it
 * without waiting for anything; how old a reading is, is judged at the moment of asking, so a book that is no longer
 * filled goes out of date by itself.
 */
import { type AssetCode, isNative } from '../domain/asset.ts';
import { currencyCodes } from '../domain/currency.ts';
import {
  type CurrencySetting,
  type CurrencyState,
  currencyState,
  defaultSetting,
} from '../domain/currency-state.ts';
import type { CoinRate } from '../domain/invoice.ts';
import type { Decimal } from '../domain/money.ts';
import { NO_SPREAD, type NoRate, type Reading, withSpreadOnTop } from '../domain/rate.ts';
import { fail, ok, type Result } from '../lib/result.ts';

export type RatePolicy = {
  /** How many sources must agree. */
  quorum: number;
  /** Readings of other sources do not count: they were switched off. */
  sources: ReadonlySet<string>;
};

/** The newest readings by currency, and what the operator has set. */
export type Known = {
  readings: ReadonlyMap<string, readonly Reading[]>;
  settings: ReadonlyMap<string, CurrencySetting>;
};

export class RateBook {
  readonly #policy: RatePolicy;
  #known: Known = { readings: new Map(), settings: new Map() };

  constructor(policy: RatePolicy) {
    this.#policy = policy;
  }

  /** Replaces everything that is known. */
  learn(known: Known): void {
    this.#known = known;
  }

  /** How a currency stands at `now` (ms); null: it is not known at all. */
  find(currency: string, now: number): CurrencyState | null {
    const setting = this.#known.settings.get(currency) ?? defaultSetting(currency);
    return currencyState(setting, this.#heard(currency), { now, quorum: this.#policy.quorum });
  }

  /** What one dollar is in a currency while invoices can be made in it, at `now` (ms); else null. */
  rateOf = (currency: string, now: number): Decimal | null => {
    const state = this.find(currency, now);
    return state?.status === 'enabled' ? state.rate : null;
  };

  /** Every known currency but the dollar, in alphabetical order. */
  list(now: number): CurrencyState[] {
    return currencyCodes.flatMap(code => this.find(code, now) ?? []);
  }

  /**
   * What a dollar is of a coin that is paid in, at `now` (ms); null for a stablecoin, which counts as a dollar. The spread
   * of the operator makes the payer pay more here too: as a price in the coin costs more dollars, one in dollars costs more
   * of the coin. Whether prices may be in the coin has no bearing on whether it may be paid in.
   */
  coinRate = (coin: AssetCode, now: number): Result<CoinRate | null, NoRate> => {
    if (!isNative(coin)) return this.isOffPeg(coin, now) ? fail('off_peg') : ok(null);
    const setting = this.#known.settings.get(coin) ?? defaultSetting(coin);
    const bare = { ...setting, enabled: true, spread: NO_SPREAD };
    const state = currencyState(bare, this.#heard(coin), { now, quorum: this.#policy.quorum });
    if (state?.status !== 'enabled') return fail(!state || state.why === 'switched_off' ? 'none' : state.why);
    return ok({ perUsd: withSpreadOnTop(state.rate, setting.spread), origin: state.origin });
  };

  /** Of `coinRate` the units alone; null where it is not known. */
  coinRateOf = (coin: AssetCode, now: number): Decimal | null => {
    const rate = this.coinRate(coin, now);
    return rate.ok ? (rate.value?.perUsd ?? null) : null;
  };

  /** What the stages ask. */
  readonly rates = { rateOf: this.rateOf, coinRateOf: this.coinRateOf };

  #heard(currency: string): Reading[] {
    const readings = this.#known.readings.get(currency) ?? [];
    return readings.filter(({ source }) => this.#policy.sources.has(source));
  }

  /**
   * Whether the sources agree that a stablecoin is not worth a dollar now, so that no invoice may be paid in it. Where
   * they do not agree, or say nothing, it counts as one; the operator's pin says that it does whatever they say.
   */
  isOffPeg(coin: string, now: number): boolean {
    const setting = { ...(this.#known.settings.get(coin) ?? defaultSetting(coin)), enabled: true };
    const state = currencyState(setting, this.#heard(coin), { now, quorum: this.#policy.quorum });
    return state?.status === 'disabled' && state.why === 'off_peg';
  }
}
