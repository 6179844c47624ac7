/**
 * Coins that contracts send are in no block and no log; they show in what a wallet holds. Between two final blocks a
 * balance grows by what came in and shrinks by what went out, fees among it. What went out is not known here, so that the
 * sum says one thing for certain: where a wallet holds more than it did with everything that is known to have come in, at
 * least the rest came from somewhere else. Money that went out in the same time can hide it, and never makes it up.
 */
import type { NativeCode } from './asset.ts';
import { defaultDigits } from './tail.ts';

/** `held` then and now; `received`: what the transfers of the blocks in between bring. Base units of one coin. */
export function surplus({
  before,
  received,
  after,
}: {
  before: bigint;
  received: bigint;
  after: bigint;
}): bigint {
  const more = after - before - received;
  return more > 0n ? more : 0n;
}

/** Less than this, a few cents at most, is nobody's payment: dust that strangers send must not call anybody. */
export const leastUnexplained = (coin: NativeCode, decimals: number): bigint =>
  10n * 10n ** BigInt(decimals - defaultDigits(coin));
