/**
 * The tail: the few last-digit units added to a price so that no two open invoices on a wallet ask for the same amount.
 * It is drawn at random, so that nobody can guess the next one, and from the lowest window that is not half full, so
 * that payers pay as little on top as the wallet's traffic allows.
 */
import { type AssetCode, isNative, type NativeCode } from './asset.ts';

/**
 * Digits of a new wallet, so that the tail costs the payer cents: 64 units of the last digit, as far as tails go on a quiet
 * wallet, are cents, and the most of them, 999, less than a dollar.
 */
const digitsOf: Record<NativeCode, number> = { TRX: 3, ETH: 7, BNB: 6, POL: 3, AVAX: 5 };
export const defaultDigits = (asset: AssetCode): number => (isNative(asset) ? digitsOf[asset] : 3);

/** The first k units a tail may be drawn from, before the wallet's own maximum. */
const WINDOWS = [64, 128, 256, 512] as const;

/** The windows of a wallet whose tails go up to `max`, lowest first; the last one is `max` itself. */
export function tailWindows(max: number): number[] {
  return [...WINDOWS.filter(size => size < max), max];
}

/** Whether the tails known to be held leave the window open to draws: less than half of it is taken. */
export function isOpen(window: number, held: ReadonlySet<number>): boolean {
  return countUpTo(window, held) * 2 < window;
}

/**
 * Draws a free tail in 1..max, uniformly among the free ones of the lowest open window; when every window is half
 * full, among all that are free. null: none is free. `held` are the taken tails up to `max`; `random(n)` is uniform
 * in 0..n-1 and comes from a CSPRNG in production.
 */
export function drawTail(
  max: number,
  held: ReadonlySet<number>,
  random: (n: number) => number,
): number | null {
  const window = tailWindows(max).find(size => isOpen(size, held)) ?? max;
  const free = window - countUpTo(window, held);
  if (free === 0) return null;
  let rank = random(free);
  for (let tail = 1; tail <= window; tail++) {
    if (!held.has(tail) && rank-- === 0) return tail;
  }
  throw new Error('random() answered outside its range');
}

function countUpTo(window: number, held: ReadonlySet<number>): number {
  let count = 0;
  for (const tail of held) if (tail <= window) count++;
  return count;
}
