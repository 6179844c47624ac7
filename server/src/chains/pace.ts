/**
 * How fast one provider is asked. Nothing is held back until it says that it is asked too often; then it is left alone for
 * a while, and from there on the calls to it, of whatever stage, come one after the other with a gap between them, for the
 * limit is one on all of them. The gap shrinks slowly while nothing is said.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChainError } from './chain.ts';
import { speaksOfTooMuch } from './log-limits.ts';

/** What time it is, and waiting; in ms. */
export type Timing = { now(): number; wait(ms: number, signal: AbortSignal): Promise<unknown> };

const realTime: Timing = {
  now: () => performance.now(),
  wait: (ms, signal) =>
    sleep(ms, undefined, { signal }).catch(error => {
      signal.throwIfAborted();
      throw error;
    }),
};

/** The gap between two calls, in ms: doubled each time it was too short, and a fifth less after this long without a word. */
const FIRST_GAP = 100;
const LONGEST_GAP = 2000;
const LEAST_GAP = 20;
const SHRINKS_EVERY = 10 * 60_000;
const SHRINKS_TO = 0.8;

/** How long it is left alone where it does not say so itself, doubled while that was not enough. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

/** What one reading may take: whatever it has read is lost with the call that fails. */
const READING = 15_000;

export class Pace {
  readonly #timing: Timing;
  #gap = 0;
  #next = Number.NEGATIVE_INFINITY;
  #pause = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** When the gap was last changed. */
  #changed = Number.NEGATIVE_INFINITY;
  #limited = Number.NEGATIVE_INFINITY;

  constructor(timing = realTime) {
    this.#timing = timing;
  }

  /** Calls that one reading should not be more than; Infinity while nothing is held back. */
  get atOnce(): number {
    return this.#gap === 0 ? Number.POSITIVE_INFINITY : Math.floor(READING / this.#gap);
  }

  /** Waits for the turn of one call and answers when that is. Throws a ChainError while the provider is left alone. */
  async turn(signal: AbortSignal): Promise<number> {
    const now = this.#timing.now();
    this.#refuse(now);
    this.#shrink(now);
    if (this.#gap === 0) return now;
    const at = Math.max(now, this.#next);
    this.#next = at + this.#gap;
    if (at > now) {
      await this.#timing.wait(at - now, signal);
      this.#refuse(this.#timing.now());
    }
    return this.#timing.now();
  }

  /** To a call whose turn was at `began` the provider said that it is asked too often, and perhaps for how long (ms). */
  slow(began: number, told: number | null): void {
    // Of several calls under way at once one is listened to.
    if (began <= this.#limited) return;
    const now = this.#timing.now();
    const isSoon = now - this.#limited <= 2 * LONGEST_PAUSE;
    this.#pause = isSoon ? Math.min(2 * this.#pause, LONGEST_PAUSE) : FIRST_PAUSE;
    this.#gap = this.#gap === 0 ? FIRST_GAP : Math.min(2 * this.#gap, LONGEST_GAP);
    this.#limited = now;
    this.#changed = now;
    this.#pausedUntil = now + Math.min(told ?? this.#pause, LONGEST_PAUSE);
    this.#next = this.#pausedUntil;
  }

  #refuse(now: number): void {
    if (now >= this.#pausedUntil) return;
    const seconds = Math.ceil((this.#pausedUntil - now) / 1000);
    throw new ChainError(`the provider was asked too often and is left alone for ${seconds} s`, {
      retryable: true,
    });
  }

  #shrink(now: number): void {
    if (this.#gap === 0 || now - this.#changed < SHRINKS_EVERY) return;
    this.#changed = now;
    this.#gap *= SHRINKS_TO;
    if (this.#gap < LEAST_GAP) this.#gap = 0;
  }
}

/** TronGrid, java-tron's own limiter, Infura, Alchemy, QuickNode and others, each in its own words. */
const tooOften =
  /frequency limit|is suspended for|lack of computing resources|\brate.?limit|request rate|too many requests?\b|per second|\/second|compute units/i;

/** An error is short; what is longer is an answer. */
const LONGEST_ERROR = 4096;

/** Whether an answer says that its provider is asked too often. Some do so with HTTP 200, others with 403. */
export function saysTooOften(status: number, text: string): boolean {
  const isError = status >= 400 || (text.length <= LONGEST_ERROR && /"error"\s*:/i.test(text));
  const words = text.slice(0, LONGEST_ERROR);
  return isError && (tooOften.test(words) || (status === 429 && !speaksOfTooMuch(words)));
}

/** For how long it is to be left alone, in ms; null where the provider does not say. `after`: its Retry-After, if any. */
export function toldPause(text: string, after: unknown): number | null {
  const seconds = Number(/suspended for (\d+) ?s/i.exec(text)?.[1] ?? after);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
