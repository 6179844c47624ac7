/** What coins with a price of their own cost in tests: nobody knows, until a test says so. Stablecoins are a dollar. */
import { type AssetCode, isNative } from '../server/src/domain/asset.ts';
import type { CoinRate } from '../server/src/domain/invoice.ts';
import type { Decimal } from '../server/src/domain/money.ts';
import type { NoRate } from '../server/src/domain/rate.ts';
import { fail, ok, type Result } from '../server/src/lib/result.ts';

export type CoinRates = {
  coinRateOf: (coin: AssetCode, now: number) => Decimal | null;
  coinRate: (coin: AssetCode, now: number) => Result<CoinRate | null, NoRate>;
};

export const noCoinRates = (): CoinRates => ({
  coinRateOf: () => null,
  coinRate(coin, now) {
    if (!isNative(coin)) return ok(null);
    const perUsd = this.coinRateOf(coin, now);
    return perUsd ? ok({ perUsd, origin: '{}' }) : fail('none');
  },
});

/** Every coin with a price of its own costs a dollar. */
export const dollarRates = {
  coinRateOf: (coin: AssetCode): Decimal | null => (isNative(coin) ? { units: 1n, scale: 0 } : null),
  coinRate(coin: AssetCode): { ok: true; value: CoinRate | null } {
    const perUsd = dollarRates.coinRateOf(coin);
    return ok(perUsd && { perUsd, origin: '{}' });
  },
};
